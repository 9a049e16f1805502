// elbo cluster: groups in latent space.

import type { Command } from "commander";
import { grouped } from "../base/words.ts";
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
Columns are cluster, from 0, and probability, of the row's most probable cluster. They are the components
of the model's own prior, where that is a mixture (--method mixture-vae); otherwise, and with --clusters,
of a mixture of Gaussians that is fitted to latents, the largest first, as many as the Bayesian
information criterion chooses. Rows keep their order, and the id columns stand before.

Examples:
  $ elbo cluster runs/penguins-vae penguins.csv -o groups.csv
  $ elbo cluster runs/penguins-vae penguins.csv -o groups.csv --clusters 3`;

interface Options extends OutputOptions {
  clusters?: number;
  seed?: number;
}

export function clusterCommand(program: Command): void {
  const command = program
    .command("cluster <RUN> <DATA>")
    .summary("groups in latent space")
    .description("Writes which group each row belongs to.");
  outputOptions(command, TABLE_FORMATS);
  numberOption(command, "--clusters <N>", "how many (default: chosen)");
  numberOption(command, "--seed <N>", "of the starts of a mixture (default: 0)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { run, data } = await openTaskFor(folder, path, options, talk, "table");
      const { clusterTo } = await import("../tasks/cluster.ts");
      const told = await clusterTo(options.out, run, data, { ...options, ...noting(talk) });
      await data.close?.();
      sayWindows(data, talk);
      const by = told.by === "prior" ? "of the model's prior" : "of a mixture fitted to latents";
      const sizes = told.sizes.map((size) => grouped(size)).join(", ");
      talk.say(
        `${counted(told.rows, "row")} in ${counted(told.clusters, "cluster")} ${by}: ${sizes}`,
      );
      talk.say(`written to ${options.out}`);
      finish(options, { ...told, output: options.out, warnings: talk.warnings });
    });
}
