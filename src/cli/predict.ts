// elbo predict: the targets of rows.
import type { Command } from "commander";
import type { TargetScore } from "../tasks/scores.ts";
import { counted, figure } from "./format.ts";
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
Targets are the columns given as --target when the run was trained. Of one with levels there are
COLUMN_predicted and the probability of each, COLUMN_p_LEVEL: calibrated by a temperature that makes
the rows held out likeliest. Of a number there are COLUMN_predicted, what is expected, and COLUMN_low
and COLUMN_high, between which it lies with the probability --interval, whatever the model, where rows
are like those held out (conformal prediction). Where few training rows have their class, --spread tells
classes by neighbours in latent space: those that are known spread over the training rows that the run
keeps, to rows alike. The id columns of the data stand before. Where the data
has the targets, how right the predictions are is told, and it is not used for them.

Examples:
  $ elbo train adult.csv --target income --out runs/adult
  $ elbo predict runs/adult new.csv -o income.csv
  $ elbo predict runs/digits new.npy -o classes.csv --spread
  $ elbo predict runs/houses houses.csv -o prices.csv --interval 0.8`;

interface Options extends OutputOptions {
  interval?: number;
  spread?: boolean;
}

function scoreText({ name, rows, accuracy, rmse, covered }: TargetScore): string {
  const right =
    accuracy === null ? `RMSE ${figure(rmse!)}` : `${(100 * accuracy).toFixed(1)}% right`;
  const inside = covered === null ? "" : `, ${(100 * covered).toFixed(1)}% in their intervals`;
  return `${name}: ${right}${inside} of ${counted(rows, "row")} that ${rows === 1 ? "has" : "have"} it`;
}

export function predictCommand(program: Command): void {
  const command = program
    .command("predict <RUN> <DATA>")
    .summary("the target columns: classes, numbers with intervals")
    .description("Writes what the target columns of each row are predicted to be.");
  outputOptions(command, TABLE_FORMATS);
  numberOption(
    command,
    "--interval <SHARE>",
    "how sure intervals are to hold a number (default: 0.9)",
  );
  command.option("--spread", "tell classes by neighbours in latent space, of few that are known");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { run, data } = await openTaskFor(folder, path, options, talk, "table");
      const { predictTo } = await import("../tasks/predict.ts");
      const { rows, scores } = await predictTo(options.out, run, data, {
        ...options,
        ...noting(talk),
      });
      await data.close?.();
      sayWindows(data, talk);
      talk.say(`${counted(rows, "row")} written to ${options.out}`);
      for (const score of scores) talk.say(scoreText(score));
      finish(options, { rows, scores, output: options.out, warnings: talk.warnings });
    });
}
