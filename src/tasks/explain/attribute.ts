// What each field of a row adds to a latent or to its score, row by row.
import { ElboError } from "../../base/errors.ts";
import { checkNumber } from "../../base/validate.ts";
import type { DataSource } from "../../data/source.ts";
import { pickRows } from "../../data/store/pick-rows.ts";
import type { ColumnInfo } from "../../fields/columns.ts";
import { cellsAt } from "../cells-at.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "../run.ts";
import { carriedColumns, type OnNotes, packedChunks } from "../stream.ts";
import { freeName, outputColumns, outputValues, writeOutput } from "../table.ts";
import { Attributor, type Explained, gapOf } from "./attributions.ts";
import { someRows } from "./some-rows.ts";
import { evenlyIn, type OnProgress, pathWithin } from "./work.ts";

/** `z3` or `score`. */
export function explainedBy(run: Run, name: string): Explained {
  if (name === "score") return name;
  const place = /^z(\d+)$/.exec(name);
  const { latent } = run.config.model;
  if (place && Number(place[1]) < latent) return Number(place[1]);
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--attribute is score or a latent of the run, z0 to z${latent - 1}; received "${name}"`,
    hint: "Give for example --attribute z0.",
  });
}

export interface AttributeOptions extends TaskOptions {
  /**
   * Points of the path from the mean row to each; the gap falls as they grow. Default 64, of many or long
   * rows down to 16.
   */
  steps?: number;
  /** Rows that are looked at, evenly among all. Default: all that take about half a minute. */
  rows?: number;
  onProgress?: OnProgress;
}

/** Rows that the baseline is the mean of. */
const BASELINE_ROWS = 2000;
/** Numbers that the encoder is given at most where nobody asks for more: a score is decoded, too. */
const MOST_NUMBERS = { latents: 4e7, score: 1e7 };
/** Rows whose attributions are held at a time. */
const BATCH_ROWS = 1024;

export interface AttributedTo {
  /** How many were written, of how many. */
  rows: number;
  of: number;
  steps: number;
  /** The largest distance of a row's attributions from `value` less `baseline`. */
  gap: number;
}

/**
 * Writes the id columns, `row` (its place from 0) where not all are looked at, `value` and `baseline` (the
 * same of the mean row), and a column of each field: what it adds. They sum to `value` less `baseline`.
 * @param what `z0` …, or `score`: the negative ELBO, of an autoencoder its squared error.
 */
export async function attributeTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  what: string,
  options: AttributeOptions & { force?: boolean } = {},
): Promise<AttributedTo> {
  const opened = await runOf(run);
  const explained = explainedBy(opened, what);
  const kind = explained === "score" ? "score" : "latents";
  for (const name of ["steps", "rows"] as const) {
    if (options[name] !== undefined) {
      checkNumber(`--${name}`, options[name], { min: 1, integer: true });
    }
  }
  const source = await sourceFor(opened, data);
  let attributor: Attributor | undefined;
  try {
    const reference = await someRows(opened, source, BASELINE_ROWS);
    attributor = await Attributor.create(opened, reference.packed, kind, options);
    const asked = Math.min(source.rows, options.rows ?? source.rows);
    const within = pathWithin(MOST_NUMBERS[kind], attributor.width, asked, options.steps);
    const most = options.rows === undefined ? within.rows : asked;
    const result = { rows: 0, of: source.rows, steps: within.steps, gap: 0 };
    const carried = carriedColumns(opened, source);
    const ids = carried.flatMap(outputColumns);
    const taken = ids.map(({ name }) => name);
    const { fields } = attributor;
    const places = most < source.rows ? ["row"] : [];
    const names = [...places, "value", "baseline", ...fields].map((name) => {
      const free = freeName(name, taken);
      taken.push(free);
      return free;
    });
    const use = attributor;
    let done = 0;
    async function* pieces() {
      for await (const piece of evenRows(opened, source, most, carried, options.onNotes)) {
        const { packed, at, columns } = piece;
        const share = (step: number) => options.onProgress?.((done + step * packed.rows) / most);
        const told = await use.attribute(packed, explained, within.steps, share);
        done += packed.rows;
        result.gap = Math.max(result.gap, gapOf(told));
        const added = fields.map((_, k) =>
          Float64Array.from(
            { length: packed.rows },
            (__, i) => told.fields[i * fields.length + k]!,
          ),
        );
        yield {
          rows: packed.rows,
          values: [
            ...carried.flatMap((info, k) => outputValues(info, columns[k]!, packed.rows)),
            ...places.map(() => Float64Array.from(at)),
            told.values,
            told.baseline,
            ...added,
          ],
        };
      }
      options.onProgress?.(1);
    }
    const columns = [...ids, ...names.map((name) => ({ name, type: "float64" as const }))];
    result.rows = await writeOutput(path, { columns, pieces: pieces() }, options);
    return result;
  } finally {
    await attributor?.release();
    if (typeof data === "string") await source.close?.();
  }
}

/** Some rows at a time, `most` evenly among all, with their places. */
async function* evenRows(
  run: Run,
  source: DataSource,
  most: number,
  carried: readonly ColumnInfo[],
  onNotes?: OnNotes,
) {
  let first = 0;
  for await (const chunk of packedChunks(run, source, carried, onNotes)) {
    const rows = evenlyIn(first, chunk.rows, most, source.rows);
    for (let start = 0; start < rows.length; start += BATCH_ROWS) {
      const own = rows.slice(start, start + BATCH_ROWS);
      yield {
        packed: pickRows(run.config.schema, chunk, own),
        at: own.map((row) => first + row),
        columns: carried.map((info, k) => cellsAt(info, chunk.carried[k]!, own)),
      };
    }
    first += chunk.rows;
  }
}
