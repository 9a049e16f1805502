// The gaps of a source, chunk by chunk, and what a model puts there: what is expected, or draws of it,
// and intervals. What is done with them is said in ./impute.ts.
import { grouped } from "../base/words.ts";
import type { DataSource } from "../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import type { ModelledField } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { Packer } from "../fields/pack.ts";
import { decodedGroups } from "../models/graphs.ts";
import { isLeveled } from "../models/level-hits.ts";
import { gapsIn } from "./gaps.ts";
import { Inference, type InferenceOptions, type Inferred, type Wanted } from "./inference.ts";
import { weightedQuantiles } from "./quantiles.ts";
import type { Run } from "./run.ts";
import type { OnNotes } from "./stream.ts";
import { UsableRows } from "./usable.ts";

export interface CompletionOptions extends InferenceOptions {
  /** Tables of draws; 0 for one of what is expected. */
  draws: number;
  /** The share of what is drawn that intervals hold; null for none. */
  interval: number | null;
}

/** What is put in the gaps of one column. */
export interface Fill {
  /** The column's place in the source. */
  column: number;
  /** Rows of the chunk that have gaps there, ascending, and how many cells those are. */
  rows: number[];
  cells: number;
  /** Values of those rows, in each table; of vectors whole ones. */
  tables: ColumnValues[];
  /** Where intervals are asked for, of columns that have one. */
  interval: { low: Float64Array; high: Float64Array } | null;
}

export interface Completed {
  rows: number;
  /** All columns of the source, as they are. */
  columns: ColumnValues[];
  fills: Fill[];
}

/** A field that gaps of a column are filled by. */
interface Target {
  group: Group;
  /** Among the group's fields. */
  at: number;
  field: ModelledField;
  column: number;
  info: ColumnInfo;
}

const takesFill = ({ kind }: ModelledField) => kind !== "image" && kind !== "text";

/** Whether intervals are told of a field: a number, or a moment, a row. */
export const hasInterval = ({ kind }: ModelledField) =>
  kind === "real" || kind === "positive" || kind === "count" || kind === "time";

/** The columns of a source that gaps are filled in. */
export function targetsOf(run: Run, source: DataSource): Target[] {
  const { schema, model } = run.config;
  return decodedGroups(schema, model).flatMap((group) =>
    group.layout.fields.flatMap((field, at) => {
      const column = source.columns.findIndex(({ name }) => name === field.name);
      if (column < 0 || !takesFill(field)) return [];
      return [{ group, at, field, column, info: source.columns[column]! }];
    }),
  );
}

/** Fewer effective draws than this leave an expectation to chance. */
const FEW_DRAWS = 10;

/** What is to be said of the rows once all have been seen. */
class Remarks {
  filledRows = 0;
  #uncertain = 0;
  readonly #left = new Map<string, number>();

  effective(values: Float64Array): void {
    this.filledRows += values.length;
    this.#uncertain += values.filter((value) => value < FEW_DRAWS).length;
  }

  left(name: string, cells: number): void {
    if (cells > 0) this.#left.set(name, (this.#left.get(name) ?? 0) + cells);
  }

  notes(samples: number, what: string): { code: string; message: string }[] {
    const whole = (value: number) => grouped(value);
    const notes = [...this.#left].map(([name, cells]) => ({
      code: "gaps-left",
      message: `column ${JSON.stringify(name)}: ${whole(cells)} missing cell${cells === 1 ? " stays" : "s stay"} so; the model gives no values of it`,
    }));
    if (samples >= FEW_DRAWS && 2 * this.#uncertain > this.filledRows) {
      notes.push({
        code: "few-effective-draws",
        message: `of ${whole(this.#uncertain)} of ${whole(this.filledRows)} ${what} with gaps, fewer than ${FEW_DRAWS} of ${samples} draws count; more come of --importance-samples`,
      });
    }
    return notes;
  }
}

export async function* completions(
  run: Run,
  source: DataSource,
  options: CompletionOptions & { onNotes?: OnNotes },
): AsyncGenerator<Completed> {
  const targets = targetsOf(run, source);
  const groups = [...new Set(targets.map(({ group }) => group))];
  const { draws, interval } = options;
  const spread = groups.filter(({ layout }) => interval !== null && hasInterval(layout.fields[0]!));
  const wanted: Wanted = { groups, draws, spread };
  const packer = new Packer(run.config.schema, source, "scoring");
  const places = packer.names.map((name) => source.columns.findIndex((info) => info.name === name));
  const others = places.filter((place) => targets.every(({ column }) => column !== place));
  const remarks = new Remarks();
  const usable = new UsableRows(run, source, ["data", "target"]);
  let inference: Inference | null = null;
  let first = 0;
  try {
    for await (const { rows, columns } of source.chunks()) {
      const packed = packer.pack({ rows, columns: places.map((place) => columns[place]!) });
      usable.add(packed);
      const gaps = targets.map(({ info, column }) => gapsIn(info, columns[column]!));
      const open = Uint32Array.from(
        Array.from({ length: rows }, (_, row) => row).filter((row) => gaps.some((of) => of(row))),
      );
      for (const place of others) {
        const of = gapsIn(source.columns[place]!, columns[place]!);
        let cells = 0;
        for (let row = 0; row < rows; row++) cells += of(row);
        remarks.left(source.columns[place]!.name, cells);
      }
      const fills: Fill[] = [];
      if (open.length > 0) inference ??= await Inference.create(run, source.rows, wanted, options);
      for (let start = 0; inference && start < open.length; start += inference.batch) {
        const order = open.subarray(start, start + inference.batch);
        const inferred = await inference.infer(packed, order, first);
        remarks.effective(inferred.effective);
        fills.push(...fillsOf(targets, gaps, order, inferred, options));
      }
      first += rows;
      yield { rows, columns, fills };
    }
  } finally {
    await inference?.release();
  }
  usable.check();
  options.onNotes?.([
    ...packer.notes(),
    ...remarks.notes(inference?.samples ?? 0, source.windows ? "windows" : "rows"),
  ]);
}

function fillsOf(
  targets: readonly Target[],
  gaps: readonly ((row: number) => number)[],
  order: Uint32Array,
  inferred: Inferred,
  { draws, interval }: CompletionOptions,
): Fill[] {
  const rows = order.length;
  const columnsOf = new Map<Group, ColumnValues[][]>();
  const tablesOf = (group: Group) => {
    const values = draws > 0 ? inferred.draws.get(group)! : [mostLikely(group, inferred, rows)];
    return values.map((each) => group.columns(each, rows));
  };
  for (const { group } of targets) {
    if (!columnsOf.has(group)) columnsOf.set(group, tablesOf(group));
  }
  const ranges = new Map(
    interval === null
      ? []
      : [...inferred.spread].map(([group, all]): [Group, Fill["interval"][]] => [
          group,
          intervals(group, all, inferred.weights, rows, interval),
        ]),
  );
  return targets.flatMap(({ group, at, column, info }, t) => {
    const picked = [...order.keys()].filter((i) => gaps[t]!(order[i]!) > 0);
    if (picked.length === 0) return [];
    const size = info.type === "vector" ? info.size : 1;
    const range = ranges.get(group)?.[at] ?? null;
    const own = (all: Float64Array) => Float64Array.from(picked, (i) => all[i]!);
    return [
      {
        column,
        rows: picked.map((i) => order[i]!),
        cells: picked.reduce((sum, i) => sum + gaps[t]!(order[i]!), 0),
        tables: columnsOf.get(group)!.map((columns) => rowsOf(columns[at]!, picked, size)),
        interval: range && { low: own(range.low), high: own(range.high) },
      },
    ];
  });
}

/** Expected numbers, the most probable levels, `(rows, values)`. */
export function mostLikely(group: Group, { expected }: Inferred, rows: number): Float32Array {
  const all = expected.get(group)!;
  if (!isLeveled(group)) return all;
  const { values } = group;
  const depth = all.length / rows / values;
  return Float32Array.from({ length: rows * values }, (_, i) => {
    if (depth === 1) return +(all[i]! > 0.5);
    const own = all.subarray(i * depth, (i + 1) * depth);
    return own.indexOf(own.reduce((a, b) => Math.max(a, b)));
  });
}

/** Rows of a column, `size` numbers each. */
function rowsOf(column: ColumnValues, rows: readonly number[], size: number): ColumnValues {
  if (column.type === "text") {
    return { type: "text", values: rows.map((row) => column.values[row]!) };
  }
  if (column.type === "vector") {
    const values = new Float32Array(rows.length * size);
    for (const [i, row] of rows.entries()) {
      values.set(column.values.subarray(row * size, (row + 1) * size), i * size);
    }
    return { type: "vector", values };
  }
  return {
    ...column,
    values: Float64Array.from(rows, (row) => column.values[row] as number),
  } as ColumnValues;
}

/** Of each field of a group, in raw units, where draws leave out as much below as above. */
function intervals(
  group: Group,
  drawn: readonly Float32Array[],
  weights: readonly Float64Array[],
  rows: number,
  share: number,
): { low: Float64Array; high: Float64Array }[] {
  const raw = drawn.map((values) => group.columns(values, rows));
  return group.layout.fields.map((_, j) => {
    const [low, high] = [new Float64Array(rows), new Float64Array(rows)];
    for (let row = 0; row < rows; row++) {
      const values = raw.map((columns) => columns[j]!.values[row] as number);
      const own = weights.map((all) => all[row]!);
      [low[row], high[row]] = weightedQuantiles(values, own, [
        (1 - share) / 2,
        (1 + share) / 2,
      ]) as [number, number];
    }
    return { low, high };
  });
}
