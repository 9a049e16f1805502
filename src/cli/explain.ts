// elbo explain: what each latent means, and which inputs drive it.

import type { Command } from "commander";
import { grouped } from "../base/words.ts";
import type { AttributedTo } from "../tasks/explain/attribute.ts";
import type { Change } from "../tasks/explain/change.ts";
import type { Explanation } from "../tasks/explain/explain.ts";
import { aligned, counted, figure } from "./format.ts";
import { noting, openDataFor, openRunFor } from "./open.ts";
import {
  columnsOption,
  computeOptions,
  numberOption,
  type OutputOptions,
  outputOptions,
  TABLE_FORMATS,
} from "./options.ts";
import { progressTalk } from "./progress.ts";
import { usageError } from "./report.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
A line of each latent and field: moves (how far the decoded field goes when the latent goes from two
deviations below its middle to two above, the others as they are in rows: in the field's standard
deviations, of levels the Jensen-Shannon divergence in nats, at most 0.693), direction, information
(mutual information with the latent in nats, of places of equal shares, less its bias, which stands
beside), attribution (the mean size of what the field adds to the latent beside the mean row, by
integrated gradients). Columns that the model does not decode, labels among them, have information
alone, and as direction the level, or up or down, that comes with a larger latent. Of a model of images -o FILE.png is a picture for each latent instead: which pixels drive it.

--attribute z0, or score, writes a row for each row of the data: what each field of it adds to that
latent or to its negative ELBO, which sum to value less baseline (of the mean row) but for a gap that is
told and that more --steps make smaller. Of many or long rows not all are looked at unless --rows asks for
them: a column row then says which.
--change ROW --until GOAL (rows are counted from 0) writes the smallest edit of the row by which it becomes
GOAL: a target's class (species=Gentoo) or number (price>1000), its negative ELBO (score<20), a latent
(z0>1). Fewest fields first, then the shortest way in deviations; --field says which may change.

--beside RUN says whether other runs, of other seeds say, found the same latents.

Examples:
  $ elbo explain runs/penguins-vae penguins.csv -o latents.csv
  $ elbo explain runs/penguins-vae penguins.csv -o latents.csv --beside runs/seed-1
  $ elbo explain runs/penguins-vae penguins.csv -o z0.csv --attribute z0
  $ elbo explain runs/penguins-vae penguins.csv -o edit.csv --change 0 --until species=Gentoo
  $ elbo explain runs/digits-vae digits.npy -o latents.png`;

interface Options extends OutputOptions {
  rows?: number;
  beside?: string[];
  attribute?: string;
  steps?: number;
  change?: number;
  until?: string;
  field?: string[];
  most?: number;
}

/** What explain does with which options. */
const own = {
  beside: ["latents"],
  steps: ["attribute"],
  rows: ["latents", "attribute"],
  field: ["change"],
  most: ["change"],
} as const;

/** Refuses options that what is asked for has no use for: none is ignored. */
function checkAsked(options: Options): void {
  const { attribute, change, until } = options;
  const both = attribute !== undefined && change !== undefined;
  if (both || (change === undefined) !== (until === undefined)) {
    throw usageError(
      "options-contradict",
      "--change goes with --until, and without --attribute",
      "For example --change 0 --until score<20.",
    );
  }
  const asked = attribute !== undefined ? "attribute" : change !== undefined ? "change" : "latents";
  for (const [name, uses] of Object.entries(own) as [keyof typeof own, readonly string[]][]) {
    if (options[name] === undefined || uses.includes(asked)) continue;
    const other = asked === "latents" ? `without --${uses[0]}` : `with --${asked}`;
    throw usageError("options-contradict", `--${name} has no use ${other}`, `Leave --${name} out.`);
  }
}

function lines({ latents, stability }: Explanation, beside: readonly string[]): string {
  const names = aligned(latents.map(({ latent, name }) => [`z${latent}`, name] as const));
  const alike = stability.map((found, i) => {
    if (!found) return `${beside[i]} has no latents to compare`;
    const share = (value: number) => `${Math.round(100 * value)}%`;
    return `${beside[i]}: ${share(found.subspace)} of the latents' variance is in the other's, ${share(found.axes)} of it axis by axis`;
  });
  return `${[...names, ...alike].join("\n")}\n`;
}

const rowsNote = ({ rows, of, steps }: AttributedTo) => ({
  code: "rows-sampled",
  message: `${counted(rows, "row")} of ${grouped(of)} were looked at, evenly among all, by paths of ${counted(steps, "point")}`,
  hint: `--rows ${of} takes all`,
});

function changeLine({ row, goal, before, after, edits }: Change): string {
  const word = (value: string | number) => (typeof value === "number" ? figure(value) : value);
  if (edits === null) return `no edit was found by which row ${row} becomes ${goal}\n`;
  if (edits.length === 0) return `row ${row} is ${goal} as it is: ${word(before)}\n`;
  const changes = edits.map(({ field, from, to }) => `${field} from ${from ?? "nothing"} to ${to}`);
  return `row ${row}, ${word(before)}, becomes ${word(after)} with ${changes.join(", ")}\n`;
}

export function explainCommand(program: Command): void {
  const command = program
    .command("explain <RUN> <DATA>")
    .summary("what each latent means, which inputs drive it")
    .description("Says what each latent means, with the evidence, and what each field adds to it.");
  outputOptions(command, `tables as ${TABLE_FORMATS}; of image models .png too`);
  numberOption(
    command,
    "--rows <N>",
    "rows to look at, evenly among all (default: 2000; of --attribute what takes half a minute)",
  );
  command.option("--attribute <z0|score>", "what each field of each row adds to this");
  numberOption(
    command,
    "--steps <N>",
    "points of the path of --attribute (default: 64; of many or long rows 16)",
  );
  numberOption(command, "--change <ROW>", "the row to edit until it becomes GOAL");
  command.option("--until <GOAL>", "such as species=Gentoo, score<20 or z0>1");
  columnsOption(command, "--field <COLUMN>", "that may change (repeatable; default: all)");
  numberOption(command, "--most <N>", "fields that change at most (default: 3)");
  columnsOption(command, "--beside <RUN>", "a run to compare latents with (repeatable)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const { out, beside = [] } = options;
      const talk = talkTo(options);
      checkAsked(options);
      const ofLatents = options.attribute === undefined && options.change === undefined;
      const picture = /\.png$/i.test(out) && ofLatents;
      const { refuseOutput } = await import("../data/write/output.ts");
      refuseOutput(out, picture ? "images" : "table", options);
      const run = await openRunFor(folder, options, talk);
      const data = await openDataFor(run, path, talk);
      const progress = progressTalk(talk, "explaining");
      const settings = { ...options, ...noting(talk), onProgress: progress.onProgress };
      if (options.attribute !== undefined) {
        const { attributeTo } = await import("../tasks/explain/attribute.ts");
        const told = await attributeTo(out, run, data, options.attribute, settings);
        await data.close?.();
        progress.clear();
        if (told.rows < told.of) talk.warn(rowsNote(told));
        talk.say(`${counted(told.rows, "row")} written to ${out}`);
        talk.say(`attributions sum to value less baseline within ${figure(told.gap)}`);
        finish(options, { ...told, output: out, warnings: talk.warnings });
        return;
      }
      if (options.change !== undefined) {
        const { change, writeEdits } = await import("../tasks/explain/change.ts");
        const { field: fields, change: row, until } = options;
        const told = await change(run, data, row, until!, {
          ...settings,
          ...(fields ? { fields } : {}),
        });
        await data.close?.();
        await writeEdits(out, told, options);
        finish(options, { ...told, output: out, warnings: talk.warnings }, changeLine(told));
        return;
      }
      const { explain, writeExplanation } = await import("../tasks/explain/explain.ts");
      const { writePixels } = await import("../tasks/explain/pixels.ts");
      const told = await explain(run, data, settings);
      await data.close?.();
      progress.clear();
      if (picture) await writePixels(out, told, options);
      else await writeExplanation(out, told, options);
      talk.say(`latents of ${counted(told.rows, "row")} explained in ${out}`);
      const { rows, steps } = told.attributed;
      talk.say(
        `attributions are of ${counted(rows, "row")}, by paths of ${counted(steps, "point")}`,
      );
      const { pixels: __, ...result } = told;
      finish(options, { ...result, output: out, warnings: talk.warnings }, lines(told, beside));
    });
}
