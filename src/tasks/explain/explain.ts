// What each latent of a run means, with the evidence: fields that it moves, columns that it tells of, and
// inputs that drive it.
import { checkNumber } from "../../base/validate.ts";
import type { DataSource } from "../../data/source.ts";
import { pickRows } from "../../data/store/pick-rows.ts";
import { activeUnits } from "../../metrics/active-units.ts";
import { type Likeness, likeness } from "../../metrics/latent-stability.ts";
import { openRun, type Run, runOf, sourceFor, type TaskOptions } from "../run.ts";
import { type OutputTable, writeOutput } from "../table.ts";
import { Attributor, gapOf } from "./attributions.ts";
import { columnInformation } from "./column-information.ts";
import { type LatentMoments, latentMoments } from "./latent-moments.ts";
import { nameOf } from "./names.ts";
import { movements } from "./sensitivity.ts";
import { type SomeRows, someRows } from "./some-rows.ts";
import { evenly, type OnProgress, pathWithin } from "./work.ts";

export interface ExplainOptions extends TaskOptions {
  /** Rows that are looked at, evenly among all. Default 2000. */
  rows?: number;
  /** Other runs of the same data: whether they found the same latents. */
  beside?: readonly (string | Run)[];
  onProgress?: OnProgress;
}

/** What is known of one latent and one field; null where it has none. */
export interface Evidence {
  field: string;
  /** See `Movement`. */
  moves: number | null;
  unit: "deviations" | "nats" | null;
  /** See `Movement`; of columns that are not decoded, see `ColumnInformation`. */
  direction: string | null;
  /** Mutual information with the posterior mean in nats, less its bias, and that bias. */
  information: number | null;
  informationBias: number | null;
  /** The mean size of what the field adds to the latent's mean, in units of the latent. */
  attribution: number | null;
}

export interface LatentMeaning {
  latent: number;
  /** `bill_length_mm up, species to Gentoo`, by the evidence. */
  name: string;
  /** Whether its mean differs from row to row. */
  used: boolean;
  center: number;
  deviation: number;
  /** Of all fields, those that it moves most first. */
  fields: Evidence[];
}

export interface Explanation {
  /** Rows looked at. */
  rows: number;
  /** Of which attributions are means, and the points of their paths: fewer where rows are long. */
  attributed: { rows: number; steps: number };
  latents: LatentMeaning[];
  /** The largest distance of a row's attributions from completeness, in units of the latent. */
  gap: number;
  /** Of each run beside; null where one of them has no latent. */
  stability: (Likeness | null)[];
  /** Of models of one image: the mean size of what each pixel adds to each latent. */
  pixels: { height: number; width: number; latents: Float64Array[] } | null;
}

const DEFAULT_ROWS = 2000;
/** Rows that attributions are means over, and numbers that the encoder is given for them at most. */
const ATTRIBUTED_ROWS = 200;
const MOST_NUMBERS = 4e7;

interface Driven {
  fields: Map<string, number>[];
  gap: number;
  attributed: Explanation["attributed"];
  pixels: Explanation["pixels"];
}

async function driven(
  run: Run,
  { packed }: SomeRows,
  { latent }: LatentMoments,
  options: TaskOptions,
  onProgress?: OnProgress,
): Promise<Driven> {
  const attributor = await Attributor.create(run, packed, "latents", options);
  const numbers = latent * attributor.width;
  const attributed = pathWithin(MOST_NUMBERS, numbers, Math.min(ATTRIBUTED_ROWS, packed.rows));
  const { rows, steps } = attributed;
  const some = pickRows(run.config.schema, packed, evenly(rows, packed.rows));
  const image = attributor.entering.find(({ group }) => group.picture !== null);
  const [channels = 1, height = 0, width = 0] = image?.group.picture ?? [];
  const result: Driven = {
    fields: [],
    gap: 0,
    attributed,
    pixels: image ? { height, width, latents: [] } : null,
  };
  for (let j = 0; j < latent; j++) {
    onProgress?.(j / latent);
    const told = await attributor.attribute(some, j, steps);
    const { fields, inputs } = told;
    const own = new Map<string, number>();
    for (const [k, name] of attributor.fields.entries()) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += Math.abs(fields[i * attributor.fields.length + k]!);
      own.set(name, sum / rows);
    }
    result.fields.push(own);
    result.gap = Math.max(result.gap, gapOf(told));
    if (!image) continue;
    const all = inputs.length / rows;
    const pixels = new Float64Array(height * width);
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < channels * height * width; k++) {
        pixels[k % pixels.length]! += Math.abs(inputs[i * all + image.start + k]!) / rows;
      }
    }
    result.pixels!.latents.push(pixels);
  }
  await attributor.release();
  return result;
}

async function besideRuns(
  data: string | DataSource,
  rows: number,
  { means, latent }: LatentMoments,
  options: ExplainOptions,
): Promise<(Likeness | null)[]> {
  const found: (Likeness | null)[] = [];
  for (const one of options.beside ?? []) {
    const run = typeof one === "string" ? await openRun(one) : one;
    const source = await sourceFor(run, data);
    const other = await latentMoments(run, (await someRows(run, source, rows)).packed, options);
    if (typeof data === "string") await source.close?.();
    found.push(likeness({ means, latent }, other));
  }
  return found;
}

/**
 * All of it in memory, of at most `rows` rows.
 * @throws ElboError as opening and packing do, `option-value`.
 */
export async function explain(
  run: string | Run,
  data: string | DataSource,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const opened = await runOf(run);
  const most = checkNumber("--rows", options.rows ?? DEFAULT_ROWS, { min: 2, integer: true });
  const source = await sourceFor(opened, data);
  try {
    const some = await someRows(opened, source, most, options.onNotes);
    const moments = await latentMoments(opened, some.packed, options);
    const { latent, means, center, deviation, meanVariance } = moments;
    const { onProgress } = options;
    const moved = await movements(opened, some, moments, options, (share) =>
      onProgress?.(share / 3),
    );
    const told = columnInformation(some.columns, means, latent);
    const drives = await driven(opened, some, moments, options, (share) =>
      onProgress?.((1 + 2 * share) / 3),
    );
    onProgress?.(1);
    const latents = Array.from({ length: latent }, (_, j): LatentMeaning => {
      const names = [
        ...new Set([
          ...moved[j]!.map(({ field }) => field),
          ...told[j]!.map(({ field }) => field),
          ...drives.fields[j]!.keys(),
        ]),
      ];
      const fields = names.map((field): Evidence => {
        const movement = moved[j]!.find((one) => one.field === field);
        const information = told[j]!.find((one) => one.field === field);
        return {
          field,
          moves: movement?.moves ?? null,
          unit: movement?.unit ?? null,
          direction: (movement ?? information)?.direction ?? null,
          information: information?.value ?? null,
          informationBias: information?.bias ?? null,
          attribution: drives.fields[j]!.get(field) ?? null,
        };
      });
      const used = activeUnits([meanVariance[j]!]) === 1;
      const named = nameOf(fields, used);
      return { latent: j, used, center: center[j]!, deviation: deviation[j]!, ...named };
    });
    return {
      rows: some.packed.rows,
      attributed: drives.attributed,
      latents,
      gap: drives.gap,
      stability: await besideRuns(data, most, moments, options),
      pixels: drives.pixels,
    };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** A line of each latent and field. */
export function explanationTable({ latents }: Explanation): OutputTable {
  const lines = latents.flatMap(({ latent, name, fields }) =>
    fields.map((evidence) => ({ latent, name, ...evidence })),
  );
  const texts = (of: (line: (typeof lines)[number]) => string | null) => lines.map(of);
  const numbers = (of: (line: (typeof lines)[number]) => number | null) =>
    Float64Array.from(lines, (line) => of(line) ?? Number.NaN);
  async function* pieces() {
    yield {
      rows: lines.length,
      values: [
        texts(({ latent }) => `z${latent}`),
        texts(({ name }) => name),
        texts(({ field }) => field),
        numbers(({ moves }) => moves),
        texts(({ unit }) => unit),
        texts(({ direction }) => direction),
        numbers(({ information }) => information),
        numbers(({ informationBias }) => informationBias),
        numbers(({ attribution }) => attribution),
      ],
    };
  }
  const column = (name: string, type: "text" | "float64") => ({ name, type });
  return {
    columns: [
      ...["latent", "name", "field"].map((name) => column(name, "text")),
      column("moves", "float64"),
      ...["unit", "direction"].map((name) => column(name, "text")),
      ...["information", "information_bias", "attribution"].map((name) => column(name, "float64")),
    ],
    pieces: pieces(),
  };
}

export const writeExplanation = (
  path: string,
  explanation: Explanation,
  options: { force?: boolean },
) => writeOutput(path, explanationTable(explanation), options);
