// The options that say what columns are: of train, and of inspect, which shows what they do.
import type { Command } from "commander";
import { columnsOption, numberOption, pairOption } from "./options.ts";

/** `--likelihood NAME` for all columns that can have it, `COLUMN=NAME` for one. */
function likelihoodOption(command: Command): void {
  command.option(
    "--likelihood <[COLUMN=]NAME>",
    "the likelihood of a column, which may imply its kind (repeatable), or of all that can have it (default: what suits kind and values)",
    (text: string, before: string | object = {}) => {
      const at = text.indexOf("=");
      if (at < 1) return text;
      return {
        ...(typeof before === "object" ? before : {}),
        [text.slice(0, at)]: text.slice(at + 1),
      };
    },
  );
}

export function fieldOptions(command: Command): void {
  command.optionsGroup("Columns:");
  columnsOption(
    command,
    "--target <COLUMN>",
    "predict this column; it is not encoded (repeatable)",
  );
  columnsOption(
    command,
    "--condition <COLUMN>",
    "give this column to both networks, and do not decode it (repeatable)",
  );
  columnsOption(command, "--id <COLUMN>", "carry this column to every output (repeatable)");
  columnsOption(command, "--ignore <COLUMN>", "leave this column aside (repeatable)");
  command
    .option("--weight <COLUMN>", "the column of row weights")
    .option(
      "--anomaly-label <COLUMN>",
      "1 or true: a known anomaly, left out, to choose scores by",
    );
  pairOption(
    command,
    "--kind <COLUMN=KIND>",
    "real, positive, count, binary, categorical, ordinal, time, ... (repeatable)",
    "age=real",
  );
  likelihoodOption(command);
  command.option(
    "--missing <[COLUMN=]WORDS>",
    'words and numbers that mean "missing", with commas between them, in all columns or in one (repeatable), as in -999,unknown',
    (text: string, before: readonly string[] = []) => [...before, text],
  );
  pairOption(
    command,
    "--time-format <COLUMN=FORMAT>",
    "how dates are written, as in %d/%m/%Y %H:%M (repeatable); default: the one format that all cells have",
    "when=%d/%m/%Y",
  );
  command
    .option("--schema <FILE>", "fields as inspect --save wrote them, edited")
    .option(
      "--scale <HOW>",
      "standardize, quantile or none: how real columns enter (default: standardize)",
    )
    .option("--binarize <HOW>", "none, threshold or dynamic: pixels of images (default: none)")
    .option("--size <WxH>", "bring the images of a folder or zip to this size")
    .option(
      "--vocabulary <HOW>",
      "characters, bytes, or how many symbols of pairs: how texts are cut (default: characters)",
    )
    .option("--labels <FILE>", "an IDX file of classes beside an IDX file of images");
  numberOption(
    command,
    "--window <N>",
    "cut a running text in windows of so many characters (default: one text a line), or a series, rows with a time, in overlapping windows of so many rows",
  );
}
