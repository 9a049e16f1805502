// elbo detect: how strange each row is, and why.

import type { Command } from "commander";
import { grouped } from "../base/words.ts";
import type { DetectOptions } from "../tasks/detect/judge.ts";
import { counted, figure, shellWord } from "./format.ts";
import { noting, openTaskFor } from "./open.ts";
import {
  computeOptions,
  numberOption,
  type OutputOptions,
  outputOptions,
  TABLE_FORMATS,
} from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
Columns are score (higher is stranger, the same number at every call), neg_elbo (nats, of a model
that has a density), p_value (the share of normal rows that are at least as strange) and alarm
(p_value is at most the rate). P-values are by the rows that training held out, of which it knew no
more than when to stop, or by other normal rows, --calibration DATA. --explain adds because (each
field and its nats, which sum to neg_elbo less its KL; first those beyond what they usually are) and,
of alarms, repair: the value of the first of them by which the row would be none. Rows keep their
order, and the id columns stand before. Of a series that was cut in windows each of its rows is judged,
under its own time, by the mean of what the windows that hold it are told; there are no repairs.

Scores: ensemble (neighbours and the ELBO), neighbours (the distance to the nearest training rows
that the run keeps, in rows and latents), elbo, reconstruction, latent (that distance in latents
alone). The default is ensemble, or with ten known anomalies (train --anomaly-label) what tells them
best.

Examples:
  $ elbo detect runs/pump-vae today.csv -o alarms.csv --explain
  $ elbo detect runs/pump-vae today.csv -o alarms.parquet --alarm-rate 0.001 --calibration normal.csv`;

interface Options extends OutputOptions, DetectOptions {
  calibration?: string;
}

export function detectCommand(program: Command): void {
  const command = program
    .command("detect <RUN> <DATA>")
    .summary("how strange each row is: alarms and their reasons")
    .description("Writes how strange each row of data is, and whether that is an alarm.");
  outputOptions(command, TABLE_FORMATS)
    .option("--score <NAME>", "ensemble, neighbours, elbo, reconstruction or latent")
    .option("--calibration <DATA>", "normal rows that p-values are by (default: those held out)")
    .option("--explain", "add the fields' nats, and what would repair an alarm");
  numberOption(command, "--alarm-rate <X>", "share of normal rows that are alarms (default: 0.01)");
  numberOption(
    command,
    "--importance-samples <K>",
    "draws of the posterior for the ELBO, the same for all rows (default: its mean)",
  );
  numberOption(command, "--seed <N>", "of those draws (default: 0)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { run, data } = await openTaskFor(folder, path, options, talk, "table");
      const { detectTo } = await import("../tasks/detect/detect.ts");
      const all = await detectTo(options.out, run, data, { ...options, ...noting(talk) });
      await data.close?.();
      const { rows, alarms, score, known, alarmRate, calibrationRows } = all;
      if (known) {
        talk.say(
          `score ${score}: it tells the run's ${grouped(known.anomalies)} known anomalies from rows held out best (ROC-AUC ${figure(known.rocAuc)})`,
        );
      }
      const share = `${Number((100 * alarmRate).toPrecision(3))}%`;
      talk.say(
        `${counted(alarms, "alarm")} in ${counted(rows, "row")}, at a rate of ${share} of normal rows as ${counted(calibrationRows, "row")} tell it; written to ${shellWord(options.out)}`,
      );
      finish(options, { ...all, output: options.out, warnings: talk.warnings });
    });
}
