// elbo compress and elbo decompress: lossless archives, and back.

import type { Command } from "commander";
import { grouped } from "../base/words.ts";
import type { WeightBits } from "../codec/model-part.ts";
import type { Compressed } from "../tasks/compress/compress.ts";
import { counted, percent } from "./format.ts";
import { openRunFor } from "./open.ts";
import { numberOption, type OutputOptions } from "./options.ts";
import { usageError } from "./report.ts";
import { finish, talkTo } from "./talk.ts";

const compressHelp = `
Every value is coded by the probability that the model gives it, and the latents pay for
themselves (bits back): a row takes its -ELBO. What the model does not know of (ids, texts, how
numbers are written, values that it never saw) stands beside, packed by context.

A csv, tsv, npy or IDX file comes back byte for byte (of .gz what was packed), and so does text;
of other formats, and with --rows, the values. The archive decodes to the same bits on every
machine, with any number of threads. It needs the run, unless --with-model puts it in.

With --verify each block is decoded as it is written, and compared: an archive that would not give
back what it was made of is not written. It takes twice the time.

What xz -9, zstd -19, bzip2 -9 and, for images, PNG and lossless WebP make of the same file is told
beside (of rows, of their values); --auto keeps what is smallest.

--lossy writes the latents of images alone, in steps that --lambda chooses: what comes back is
what the model expects of them.

Examples:
  $ elbo compress runs/digits-vae t10k-images-idx3-ubyte -o t10k.elbo
  $ elbo decompress runs/digits-vae t10k.elbo -o t10k-images-idx3-ubyte
  $ elbo compress runs/adult-vae adult.csv -o adult.elbo --with-model
  $ elbo decompress adult.elbo -o adult.csv`;

interface CompressCommandOptions extends OutputOptions {
  rows?: true;
  withModel?: true;
  weightBits?: WeightBits;
  auto?: true;
  rivals?: boolean;
  verify?: boolean;
  lossy?: true;
  lambda?: number;
}

/** What others make of the file, and who is smallest. */
function besideLines({ beside, bytes, by }: Compressed, auto: boolean): string[] {
  const measured = beside
    .flatMap(({ name, bytes }) => (bytes === null ? [] : [{ name, bytes }]))
    .toSorted((a, b) => a.bytes - b.bytes);
  const told = measured.map(({ name, bytes }) => `${name} ${grouped(bytes)}`);
  const missing = beside.flatMap(({ name, bytes, why }) =>
    bytes === null ? [`  ${name} was not measured: ${why}`] : [],
  );
  const [best] = measured;
  const share = beside.find((each) => each.share !== undefined)?.share;
  const about = share === undefined ? "" : ` about, by ${percent(share)} of the bytes`;
  const remedy = share
    ? "train a better model (--auto keeps nothing that was estimated)"
    : auto
      ? "but not as an archive"
      : "--auto keeps it, or train a better model";
  const verdict =
    by === "model"
      ? best && best.bytes < bytes.archive
        ? [`  ${best.name} is smaller: ${remedy}`]
        : []
      : [`  what ${by} makes was kept: it is smaller than the model's archive`];
  return [
    ...(told.length > 0 ? [`  beside${about}: ${told.join(", ")}`] : []),
    ...verdict,
    ...missing,
  ];
}

const bytesText = (bytes: number) => `${grouped(bytes)} bytes`;

export function compressCommand(program: Command): void {
  const command = program
    .command("compress <RUN> <DATA>")
    .summary("a lossless archive, by what the model has learned")
    .description("Compresses data without loss, by a trained model.")
    .requiredOption("-o, --out <FILE>", "the archive to write")
    .option("--force", "replace FILE if it exists")
    .option("--rows", "the values of rows, not the bytes of the file")
    .option("--with-model", "put the model into the archive: decompressing needs no run")
    .option(
      "--auto",
      "keep what xz, zstd, bzip2, PNG, WebP or mixed contexts make, where it is less",
    )
    .option("--no-rivals", "do not measure them, which takes a second for a megabyte")
    .option("--verify", "decode each block as it is written, and compare: twice the time")
    .option("--lossy", "images by their latents alone: smaller, and near what they were");
  numberOption(
    command,
    "--lambda <X>",
    "with --lossy: what a bit a pixel may cost in squared error of 0 to 255; larger is smaller (default: what the model can tell apart)",
  );
  numberOption(
    command,
    "--weight-bits <N>",
    "bits of a weight in it: 6, 7, 8, 10, 12, 16 or 32 (default: what makes it smallest)",
  );
  numberOption(command, "--threads <N>", "threads (default: one for each core)")
    .addHelpText("after", compressHelp)
    .action(async (folder: string, data: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<CompressCommandOptions>();
      const talk = talkTo(options);
      const [{ refuseExisting }, { weightBits }] = await Promise.all([
        import("../base/files.ts"),
        import("../codec/model-part.ts"),
      ]);
      refuseExisting(options.out, options.force);
      if (options.weightBits !== undefined && !weightBits.includes(options.weightBits)) {
        throw usageError(
          "option-value",
          `--weight-bits is one of ${[...weightBits].reverse().join(", ")}, received ${options.weightBits}`,
          "Leave it out for what makes the archive smallest.",
        );
      }
      if (options.lambda !== undefined && !(options.lossy && options.lambda >= 0)) {
        throw usageError(
          "options-contradict",
          options.lossy
            ? `--lambda is at least 0, received ${options.lambda}`
            : "--lambda is for --lossy: without loss there is nothing to weigh",
          "For example --lossy --lambda 1000.",
        );
      }
      const run = await openRunFor(folder, options, talk);
      const { compressTo } = await import("../tasks/compress/archives.ts");
      const result = await compressTo(options.out, run, data, options);
      for (const note of result.notes) talk.warn({ hint: "", ...note });
      const { rows, unit, bytes, bitsPerDim } = result;
      talk.say(`${counted(rows, unit)} written to ${options.out}`);
      const share = bytes.original === 0 ? "" : `, ${percent(bytes.archive / bytes.original)}`;
      talk.say(
        `  ${bytesText(bytes.archive)} of ${bytesText(bytes.original)}${share}${bitsPerDim === null ? "" : `, ${bitsPerDim.toFixed(4)} bits a value`}`,
      );
      if (result.loss) {
        talk.say(
          `  squared error ${result.loss.squaredError.toFixed(1)}, peak signal to noise ${result.loss.psnr.toFixed(2)} dB`,
        );
      }
      if (bytes.model > 0) {
        talk.say(
          `  of them ${bytesText(bytes.model)} are the model, ${result.weightBits} bits a weight`,
        );
      }
      for (const line of besideLines(result, options.auto ?? false)) talk.say(line);
      const { notes: _notes, ...told } = result;
      finish(options, { ...told, output: options.out, warnings: talk.warnings });
    });
}

const decompressHelp = `
Nothing is written before its checksum is right. A damaged or truncated archive is refused, and
says which rows are lost; --partial writes all others (of npy and IDX files with zeros in their
places, so that the file is whole).

RUN is left out where the archive holds its model.

Examples:
  $ elbo decompress runs/digits-vae t10k.elbo -o t10k-images-idx3-ubyte
  $ elbo decompress adult.elbo -o adult.csv
  $ elbo decompress adult.elbo -o adult.csv --partial`;

interface DecompressCommandOptions extends OutputOptions {
  partial?: true;
}

export function decompressCommand(program: Command): void {
  const command = program
    .command("decompress <RUN> [FILE]")
    .summary("what an archive was made of")
    .description("Writes what an archive was made of.")
    .requiredOption("-o, --out <FILE>", "where to write; of rows, by the extension's format")
    .option("--force", "replace FILE if it exists")
    .option("--partial", "write what is whole of a damaged archive");
  numberOption(command, "--threads <N>", "threads (default: one for each core)")
    .addHelpText("after", decompressHelp)
    .action(async (first: string, second: string | undefined, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<DecompressCommandOptions>();
      const talk = talkTo(options);
      const run = second === undefined ? null : await openRunFor(first, options, talk);
      const { decompressTo } = await import("../tasks/compress/archives.ts");
      const result = await decompressTo(options.out, run, second ?? first, options);
      const { notes, ...told } = result;
      const { rows, unit, lost } = told;
      for (const note of notes) talk.warn({ hint: "", ...note });
      talk.say(`${counted(rows, unit)} written to ${options.out}`);
      for (const { from, to } of lost) {
        const reach = to === null ? `${from} and behind, if there were any,` : `${from} to ${to}`;
        talk.warn({ code: "archive-lost", message: `${unit}s ${reach} are lost` });
      }
      finish(options, { ...told, output: options.out, warnings: talk.warnings });
    });
}
