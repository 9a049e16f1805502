// elbo train --search: trials of drawn options, told one a line, of which the best run is kept.
import type { Command } from "commander";
import { nearest } from "../base/suggest.ts";
import type { TrainOptions } from "../train/options.ts";
import type { SweepResult, Trial } from "../train/sweep.ts";
import { figure, shellWord } from "./format.ts";
import { usageError } from "./report.ts";
import type { Talk } from "./talk.ts";

export interface SweepOptions {
  search: string;
  trials?: number;
  keepTrials?: true;
  halving?: true;
}

function trialText({ trial, rung, options, score, error, sameAs }: Trial, trials: number): string {
  const drawn = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  const told = score === null ? `failed: ${error}` : `score ${figure(score)}`;
  const on = rung > 0 ? " goes on" : "";
  const same = sameAs ? `, as trial ${sameAs}` : "";
  return `trial ${trial}/${trials}${on}  ${drawn.join("  ")}  ${told}${same}`;
}

/** Writes the report of the run that is kept. */
async function reportOf(
  run: string,
  { talk, json, signal }: { talk: Talk; json: boolean; signal: AbortSignal },
): Promise<void> {
  const { readRun } = await import("../train/run.ts");
  const { writeReport } = await import("../report/training.ts");
  const written = await writeReport(run, (await readRun(run)).compute, signal);
  if (written === null) return;
  if (typeof written === "string") talk.say(`report: ${written}`);
  else if (json) process.stdout.write(`${JSON.stringify(written)}\n`);
  else talk.warn(written);
}

/** Runs the sweep and prints its best run. */
export async function runSweep(
  command: Command,
  data: string,
  { search, trials = 20, keepTrials = undefined, halving = undefined }: SweepOptions,
  options: TrainOptions,
  io: { talk: Talk; json: boolean; signal: AbortSignal; report: boolean },
): Promise<SweepResult | null> {
  const { parseSearch } = await import("../train/search.ts");
  const { sweep } = await import("../train/sweep.ts");
  const { checkNumber } = await import("../base/validate.ts");
  checkNumber("--trials", trials, { min: 1, integer: true });
  const axes = parseSearch(search);
  const { out: folder, force, ...rest } = options;
  if (folder === undefined || force) {
    throw usageError(
      "missing-argument",
      "--search needs --out, the folder of the sweep, which goes on where it exists, and no --force",
      "For example --out runs/sweep.",
    );
  }
  const known = command.options.filter((each) => !["out", "search"].includes(each.name()));
  const keys = new Map(
    axes.map(({ name }) => {
      const option = known.find((each) => each.name() === name);
      if (option?.required) {
        if (command.getOptionValueSource(option.attributeName()) !== undefined) {
          throw usageError(
            "options-contradict",
            `--search draws ${name}, and --${name} gives it`,
            "Leave one of them out.",
          );
        }
        return [name, option];
      }
      const guess = nearest(
        name,
        known.map((each) => each.name()),
      );
      const hint = guess ? `Did you mean ${guess}?` : "See elbo train --help.";
      throw usageError(
        "option-value",
        `--search: train has no option --${name} with a value`,
        hint,
      );
    }),
  );
  const { lr, ...others } = Object.fromEntries(
    [...keys].map(([name, option]) => [option.attributeName(), name]),
  );
  const optionsOf = (drawn: Readonly<Record<string, string>>): TrainOptions => {
    const read = (name: string) => {
      const { parseArg } = keys.get(name)!;
      return parseArg ? parseArg(drawn[name]!, undefined) : drawn[name]!;
    };
    return {
      ...rest,
      ...Object.fromEntries(Object.entries(others).map(([key, name]) => [key, read(name)])),
      ...(lr === undefined ? {} : { learningRate: Number(read(lr)) }),
    };
  };
  const result = await sweep(data, {
    ...{ folder, axes, trials, optionsOf, signal: io.signal },
    ...{ keep: keepTrials ?? false, halving: halving ?? false },
    seed: options.seed ?? 0,
    words: { data, search, ...(halving ? { halving, trials } : {}), ...rest },
    onTrial(trial) {
      if (io.json) process.stdout.write(`${JSON.stringify({ event: "trial", ...trial })}\n`);
      else io.talk.say(trialText(trial, trials));
    },
  });
  if (result === null) {
    process.exitCode = 130;
    io.talk.say(`stopped; the same command goes on with the sweep in ${shellWord(folder)}`);
    return null;
  }
  const { best, run } = result;
  if (io.report) await reportOf(run, io);
  if (io.json) {
    const done = { event: "done", ok: true, run, trials, best };
    process.stdout.write(`${JSON.stringify(done)}\n`);
  } else {
    io.talk.say(`the best of ${trials}: ${trialText(best, trials)}`);
    process.stdout.write(`${run}\n`);
  }
  return result;
}
