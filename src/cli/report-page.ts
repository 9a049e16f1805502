// elbo report: one page that tells of a run. How errors are told is ./report.ts.
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { TaskOptions } from "../tasks/run.ts";
import { openRunFor } from "./open.ts";
import { computeOptions, type GlobalOptions } from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
The page tells what the data was and what is odd in it, how training went and what it found, how
good the model is beside simple baselines and where one wins; it maps the rows by their latents,
and shows reconstructions from worst to best, what each latent does, new rows, and how each field
of them is distributed beside the data.

It is one HTML file that needs no other and no network, for screens, phones and paper. elbo train
writes it at its end; rows that training held out are kept in the run, so that the page can be
written again where the data is gone. The same run gives the same bytes.

Examples:
  $ elbo report runs/iris-vae
  $ elbo report runs/iris-vae -o iris.html`;

interface Options extends GlobalOptions, TaskOptions {
  out?: string;
  force?: true;
}

export function reportCommand(program: Command): void {
  const command = program
    .command("report <RUN>")
    .summary("one self-contained HTML page")
    .description("Writes one HTML page that tells of a run.")
    .option("-o, --out <FILE>", "where to write: .html (default: report.html in RUN, replaced)")
    .option("--force", "replace FILE if it exists");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { REPORT_FILE } = await import("../train/run.ts");
      const { refuseReport, reportTo } = await import("../report/report.ts");
      const { out, force, ...compute } = options;
      const path = out ?? join(folder, REPORT_FILE);
      const replaces = out === undefined || force === true;
      if (out !== undefined) refuseReport(out, replaces);
      const run = await openRunFor(folder, options, talk);
      await reportTo(path, run, { ...compute, force: replaces });
      talk.say(`${(statSync(path).size / 1e6).toFixed(1)} MB`);
      finish(options, { output: path, warnings: talk.warnings }, `${path}\n`);
    });
}
