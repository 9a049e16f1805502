// elbo encode: one row of latents for each row of data.
import type { Command } from "commander";
import { counted } from "./format.ts";
import { noting, openTaskFor, sayWindows } from "./open.ts";
import {
  computeOptions,
  numberOption,
  type OutputOptions,
  outputOptions,
  TABLE_FORMATS,
} from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
Columns are z0, z1, ...: the means of the posterior, or an autoencoder's codes. With --std
their standard deviations follow as z0_std, z1_std, ... Rows keep their order, and the id
columns of the data stand before. With --samples K each row comes K times, with the draw's number as
draw and draws of its posterior in the place of the means; those of a row are the same whatever stands
beside it, and another --seed gives others. With --layer NAME the columns are h0, h1, ...: what a layer
of the encoder gives (encoder.dense0 is the first; a wrong name is told all that there are). Of a series
that was cut in windows there is a row for each window, under the time of its last row: a code is of that
row and those before it, and of nothing later.

Examples:
  $ elbo encode runs/iris-vae iris.csv -o latents.csv
  $ elbo encode runs/iris-vae iris.csv -o latents.parquet --std
  $ elbo encode runs/iris-vae iris.csv -o draws.parquet --samples 10
  $ elbo encode runs/iris-vae iris.csv -o features.parquet --layer encoder.dense0`;

interface Options extends OutputOptions {
  std?: true;
  samples?: number;
  seed?: number;
  layer?: string;
}

export function encodeCommand(program: Command): void {
  const command = program
    .command("encode <RUN> <DATA>")
    .summary("one row of latents for each row of data")
    .description("Writes the latents of each row of data.");
  outputOptions(command, TABLE_FORMATS).option("--std", "add the posterior's standard deviations");
  numberOption(command, "--samples <K>", "draws of each row's posterior, a row each");
  numberOption(command, "--seed <N>", "of those draws (default: 0)");
  command.option("--layer <NAME>", "features of this layer of the encoder");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { run, data } = await openTaskFor(folder, path, options, talk, "table");
      const { encodeTo } = await import("../tasks/encode.ts");
      const rows = await encodeTo(options.out, run, data, { ...options, ...noting(talk) });
      await data.close?.();
      sayWindows(data, talk);
      const { latent } = run.config.model;
      const what = options.layer ?? counted(latent, "latent");
      talk.say(`${counted(rows, "row")} of ${what} written to ${options.out}`);
      finish(options, { rows, latent, output: options.out, warnings: talk.warnings });
    });
}
