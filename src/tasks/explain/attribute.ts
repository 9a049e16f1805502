// What each field of a row adds to a latent or to its score, row by row.
import { ElboError } from "../../base/errors.ts";
import { checkNumber } from "../../base/validate.ts";
import type { DataSource } from "../../data/source.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "../run.ts";
import { carriedColumns, packedChunks } from "../stream.ts";
import { freeName, outputColumns, outputValues, writeOutput } from "../table.ts";
import { Attributor, type Explained, STEPS } from "./attributions.ts";
import { someRows } from "./some-rows.ts";

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
  /** Points of the path from the mean row to each. Default 64; the gap falls as they grow. */
  steps?: number;
}

/** Rows that the baseline is the mean of. */
const BASELINE_ROWS = 2000;

export interface AttributedTo {
  rows: number;
  /** The largest distance of a row's attributions from `value` less `baseline`. */
  gap: number;
}

/**
 * Writes the id columns, `value` and `baseline` (the same of the mean row), and a column of each field:
 * what it adds. They sum to `value` less `baseline`.
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
  const steps = checkNumber("--steps", options.steps ?? STEPS, { min: 1, integer: true });
  const source = await sourceFor(opened, data);
  const result = { rows: 0, gap: 0 };
  let attributor: Attributor | undefined;
  try {
    const reference = await someRows(opened, source, BASELINE_ROWS);
    attributor = await Attributor.create(opened, reference.packed, options);
    const carried = carriedColumns(opened, source);
    const ids = carried.flatMap(outputColumns);
    const taken = ids.map(({ name }) => name);
    const { fields } = attributor;
    const names = ["value", "baseline", ...fields].map((name) => {
      const free = freeName(name, taken);
      taken.push(free);
      return free;
    });
    const use = attributor;
    async function* pieces() {
      for await (const chunk of packedChunks(opened, source, carried, options.onNotes)) {
        const {
          rows,
          values,
          baseline,
          fields: added,
        } = await use.attribute(chunk, explained, steps);
        const columns = fields.map((_, k) =>
          Float64Array.from({ length: rows }, (__, i) => added[i * fields.length + k]!),
        );
        for (let i = 0; i < rows; i++) {
          const sum = columns.reduce((total, column) => total + column[i]!, 0);
          result.gap = Math.max(result.gap, Math.abs(sum - (values[i]! - baseline[i]!)));
        }
        yield {
          rows,
          values: [
            ...carried.flatMap((info, k) => outputValues(info, chunk.carried[k]!, rows)),
            values,
            baseline,
            ...columns,
          ],
        };
      }
    }
    const columns = [...ids, ...names.map((name) => ({ name, type: "float64" as const }))];
    result.rows = await writeOutput(path, { columns, pieces: pieces() }, options);
    return result;
  } finally {
    await attributor?.release();
    if (typeof data === "string") await source.close?.();
  }
}
