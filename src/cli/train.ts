// elbo train: learns a model, and writes and prints its run folder.
import type { Command } from "commander";
import type { TrainResult } from "../train/follow.ts";
import type { TrainHooks } from "../train/hooks.ts";
import type { TrainOptions } from "../train/options.ts";
import { fieldOptions } from "./field-options.ts";
import { shellWord } from "./format.ts";
import { type GlobalOptions, numberOf, numberOption, pairOption } from "./options.ts";
import { usageError } from "./report.ts";
import { talkTo } from "./talk.ts";

const help = `
DATA is a path, a glob or SQL: .csv, .tsv, .json, .ndjson (also .gz), .parquet, .npy, .npz#NAME,
IDX (also .gz), Matrix Market, .h5ad, a folder or zip of images. Missing cells are fine. What you
leave out is chosen from the data, and shown when training starts. The run folder's path is
printed on stdout. The same seed, threads and data give the same bytes. Ctrl-C saves a checkpoint
and prints the command that goes on from there, to the same result.

Examples:
  $ elbo train iris.csv
  $ elbo train adult.csv --target income --ignore fnlwgt
  $ RUN=$(elbo train iris.csv --latent 2 --epochs 100 --seed 1)
  $ elbo train train-images-idx3-ubyte.gz --network conv:32,64 --binarize dynamic
  $ elbo train big.csv --max-time 600 && elbo train --resume runs/big-vae`;

interface Options extends GlobalOptions, Omit<TrainOptions, "learningRate"> {
  lr?: number;
  resume?: string;
  config?: string;
  search?: string;
  trials?: number;
  keepTrials?: true;
  halving?: true;
  report: boolean;
}

function addOptions(command: Command): void {
  command
    .option("-o, --out <DIR>", "the run folder (default: runs/DATA-METHOD, numbered)")
    .option(
      "--config <FILE>",
      'options from a JSON file, such as {"latent": 8, "target": ["income"]}',
    )
    .option("--force", "replace the run folder if it exists")
    .option("--from <RUN>", "start with this run's weights, fields and architecture, on new data")
    .option("--resume <RUN>", "go on with a run that was stopped; with --lr at another rate")
    .option("--no-report", "write no report.html at the end");
  command
    .optionsGroup("Model:")
    .option("--method <NAME>", "vae, ae and others, which elbo methods lists (default: vae)");
  pairOption(
    command,
    "--method-option <NAME=VALUE>",
    "an option of the method's own, which elbo methods NAME shows (repeatable)",
    "components=50",
  );
  command.option(
    "--latent <N|auto>",
    "latent dimensions; auto finds how many the data needs, by four trainings or more (default: 20 for images, a third of a table's columns, 2 to 32)",
    (text) => (text === "auto" ? text : numberOf("--latent")(text)),
  );
  command
    .option(
      "--network <SPEC>",
      "linear, mlp:SIZE,..., conv:CHANNELS,...[/DENSE,...], resnet:CHANNELS,...[xBLOCKS][/DENSE,...] or, of texts, transformer:WIDTHxLAYERS[/DENSE,...]; the decoder mirrors it (default: mlp:400 for grey images up to 32×32, conv:32,64/256 for others, two layers by the columns for tables, conv:64,64,64/256 for texts)",
    )
    .option(
      "--decoding <HOW>",
      "autoregressive, each symbol of a text from those before it, or one-shot, all at once (default: autoregressive)",
    )
    .option(
      "--activation <NAME>",
      "relu, tanh, sigmoid, elu, gelu, silu or leakyRelu (default: relu)",
    )
    .option("--code-activation <NAME>", "what the code of an ae passes through (default: nothing)")
    .option(
      "--output <NAME>",
      "linear or sigmoid: what the decoder ends in (default: sigmoid for images, linear for tables)",
    );
  numberOption(
    command,
    "--hide <SHARE>",
    "cells hidden from the encoder at each step, so that it learns to do with gaps that the data to train on has not: a mean share, at most 0.5 (default: 0)",
  );
  fieldOptions(command);
  command
    .optionsGroup("Rows:")
    .option(
      "--split <HOW>",
      "random, stratified:COLUMN, time:COLUMN or group:COLUMN: which are held out (default: random, or stratified on the one target where it has levels; of a series the latest)",
    );
  numberOption(
    command,
    "--memory <MB>",
    "rows beyond this many megabytes stay in a file (default: 512)",
  );
  command.option(
    "--validation <FRACTION|DATA>",
    "rows held out to choose the best epoch, 50,000 at most, or other data (default: 0.1, or 0 below 50 rows)",
    (text: string) =>
      /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? numberOf("--validation")(text) : text,
  );
  command.optionsGroup("Training:");
  numberOption(
    command,
    "--epochs <N>",
    "at most (default: about 10,000 steps, at most 200 epochs)",
  );
  numberOption(
    command,
    "--batch <N>",
    "rows in a step (default: 128; 32 below 2,000 rows, 512 from 200,000 on)",
  );
  numberOption(
    command,
    "--accumulate <N>",
    "batches whose gradients make one step, as one batch N times as large would; what is of a batch as a whole stays of each of the N: --capacity, --free-bits, and the penalties of wae-mmd, info-vae, dip-vae, beta-tcvae, factor-vae and sparse (default: 1)",
  );
  numberOption(command, "--lr <X>", "learning rate, at its highest (default: 0.001)");
  command.option(
    "--lr-schedule <NAME>",
    "constant, cosine (falls to 0 at the last epoch), step (see --lr-steps) or one-cycle (up, down and out) (default: constant)",
  );
  numberOption(command, "--lr-warmup <EPOCHS>", "epochs in which the rate rises (default: 0)");
  command.option("--lr-steps <WHEN>", "every:EPOCHS or at:EPOCH,...: when step lowers the rate");
  numberOption(command, "--lr-factor <X>", "by what step multiplies it each time (default: 0.1)");
  command.option("--optimizer <NAME>", "adam, adamw, rmsprop or sgd (default: adam)");
  numberOption(
    command,
    "--weight-decay <X>",
    "decay of the weights (default: the optimiser's own)",
  );
  numberOption(command, "--clip <NORM>", "clip gradients to this norm (default: no clipping)");
  numberOption(
    command,
    "--ema <DECAY>",
    "validate and keep moving averages of the weights, 0.999 for example (default: the weights)",
  );
  numberOption(command, "--beta <X>", "weight of the KL term (default: 1, the ELBO)");
  numberOption(
    command,
    "--warmup <EPOCHS>",
    "epochs in which beta rises from 0 (default: a tenth of all of a ladder-vae, vamp-vae or bit-swap, else of tables a twentieth, else 0)",
  );
  numberOption(
    command,
    "--cycles <N>",
    "let beta rise from 0 so often, each time over half a cycle (default: once, over the warm-up)",
  );
  numberOption(
    command,
    "--free-bits <NATS>",
    "KL that costs nothing (default: 0; of texts 3, of all latents together)",
  );
  command.option(
    "--free-bits-of <WHAT>",
    "latent or total: whether those are of each latent or in all (default: latent)",
  );
  numberOption(
    command,
    "--capacity <NATS>",
    "hold the KL at so much, by beta times its distance from it; it rises over the warm-up (default: no)",
  );
  command.option(
    "--schedule <NAME>",
    "joint; two-phase: encoder and decoder in turn; aggressive: the encoder leads until latents tell no more, against a decoder that learns to do without them (default: joint)",
  );
  numberOption(
    command,
    "--patience <EPOCHS>",
    "stop after so many without a better validation loss (default: never)",
  );
  command.option(
    "--auto-fix",
    "train anew where what is found wrong has a remedy, and show before and after",
  );
  numberOption(command, "--max-time <SECONDS>", "stop after so long, with a checkpoint");
  numberOption(command, "--seed <N>", "of all randomness (default: 0)");
  command
    .optionsGroup("Sweep:")
    .option(
      "--search <SPEC>",
      "train trials of drawn options, such as 'latent=2..32,lr=1e-4..1e-2,network=mlp:64|mlp:256', and keep the one with the best ELBO (or loss, without one) of the rows held out; --out is the sweep's folder, trials.ndjson in it the table, and the same command goes on after a stop",
    );
  numberOption(command, "--trials <N>", "how many (default: 20)");
  command.option(
    "--halving",
    "begin all trials, and let the best third go on for three times the epochs, until one is left",
  );
  command.option("--keep-trials", "keep every trial's run, not the best alone");
  command
    .optionsGroup("Machine:")
    .option("--device <NAME>", "auto, cpu, wasm, webgpu or cuda (default: auto)");
  numberOption(command, "--threads <N>", "cores to use (default: as many as pay)");
  command.optionsGroup("Options:");
}

function trainOptions({
  lr,
  resume: _,
  config: __,
  report: ___,
  json,
  quiet,
  debug,
  ...options
}: Options): TrainOptions {
  return { ...options, ...(lr === undefined ? {} : { learningRate: lr }) };
}

/** The first Ctrl-C asks for a checkpoint, the second ends the process. */
function stopOnSignal(say: (line: string) => void): AbortController {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    say("stopping with a checkpoint; Ctrl-C again ends at once without one");
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller;
}

async function start(
  path: string | undefined,
  options: Options,
  hooks: TrainHooks,
): Promise<TrainResult> {
  const { train, resume } = await import("../report/training.ts");
  const own = { ...trainOptions(options), report: options.report };
  if (options.resume !== undefined) return resume(options.resume, path, own, hooks);
  return train(path!, own, hooks);
}

export function trainCommand(program: Command): void {
  const command = program
    .command("train [DATA]")
    .summary("learn a model; writes a run folder, prints where")
    .description("Learns a model from data, and writes it as a run folder.");
  addOptions(command);
  command
    .addHelpText("after", help)
    .action(async (path: string | undefined, _: unknown, self: Command) => {
      const { config } = self.opts<{ config?: string }>();
      if (config !== undefined) {
        const { applyConfigFile } = await import("./config-file.ts");
        await applyConfigFile(self, config);
      }
      const options = self.optsWithGlobals<Options>();
      if (options.resume !== undefined) {
        const { checkBesideResume } = await import("./resume-options.ts");
        await checkBesideResume({ ...options, resume: options.resume });
      } else if (path === undefined) {
        const hint = "For example: elbo train data.csv (see elbo train --help).";
        throw usageError("missing-argument", "elbo train needs DATA", hint);
      }
      const talk = talkTo(options);
      const { signal } = stopOnSignal((line) => talk.say(line));
      if (options.search !== undefined) {
        const { runSweep } = await import("./sweep.ts");
        const { search, trials, keepTrials, halving, ...rest } = options;
        const spec = {
          search,
          ...(trials === undefined ? {} : { trials }),
          ...(keepTrials ? { keepTrials } : {}),
          ...(halving ? { halving } : {}),
        };
        const io = { talk, json: options.json ?? false, signal, report: options.report };
        await runSweep(self, path!, spec, trainOptions(rest), io);
        return;
      }
      if (options.trials !== undefined || options.keepTrials || options.halving) {
        const hint = "For example --search latent=2..32.";
        throw usageError(
          "options-contradict",
          "--trials, --halving and --keep-trials are of a sweep, and there is no --search",
          hint,
        );
      }
      const { jsonListener, talkListener } = await import("./train-talk.ts");
      const onEvent = options.json ? jsonListener() : talkListener(talk, path);
      const result = await start(path, options, { onEvent, signal });
      if (!options.json) process.stdout.write(`${result.run}\n`);
      // --max-time is kept, not interrupted; and a signal may come when all is done.
      if (signal.aborted && result.interrupted) {
        process.exitCode = 130;
        if (options.quiet) process.stderr.write(`elbo train --resume ${shellWord(result.run)}\n`);
      }
    });
}
