// The nearest plausible repair of a strange row: what its strangest field would be by all the others.

import { Feeder } from "../../data/store/feeder.ts";
import { pickRows } from "../../data/store/pick-rows.ts";
import type { ColumnValues } from "../../fields/columns.ts";
import type { FieldSchema, ModelledField } from "../../fields/field.ts";
import type { Group } from "../../fields/groups/index.ts";
import { elementsOf, type GroupLayout, MISSING } from "../../fields/layout.ts";
import type { PackedRows, PackedValues } from "../../fields/pack.ts";
import { decodedGroups, reconstructionGraph } from "../../models/graphs.ts";
import { MemoryPlan } from "../../runtime/memory.ts";
import { streams } from "../../runtime/random.ts";
import { type Runner, wholeBatch } from "../../runtime/runner.ts";
import type { Run, TaskOptions } from "../run.ts";
import { compileFor } from "../stream.ts";

const BATCH_ROWS = 256;
const DAY_MS = 86_400_000;

/** Where a field of one value stands in its group. */
export interface Cell {
  group: Group;
  field: ModelledField;
  /** Its place among the group's fields. */
  place: number;
  /** Its first element in a row. */
  element: number;
}

/** A raw value packed; null where the field has no such value. */
function packedValue(field: ModelledField, raw: number | string | null): number[] | null {
  if (raw === null || (typeof raw === "number" && Number.isNaN(raw))) return null;
  switch (field.kind) {
    case "real":
    case "positive":
    case "binary":
      return [raw as number];
    case "count":
      return [Math.round(raw as number)];
    case "categorical":
    case "ordinal": {
      const text = field.of === "boolean" ? String(raw === 1) : String(raw);
      const code = field.levels.indexOf(text);
      return code < 0 ? null : [code];
    }
    case "time": {
      const days = Math.floor((raw as number) / DAY_MS);
      return [days, Math.floor((raw as number) - days * DAY_MS)];
    }
    default:
      return null;
  }
}

/** A raw value as people write it. */
export function valueText(field: ModelledField, raw: number | string): string {
  const { kind } = field;
  if (typeof raw === "string") return raw;
  if (kind === "time") {
    const text = new Date(raw).toISOString();
    return field.date ? text.slice(0, 10) : text;
  }
  const truth = (kind === "binary" && field.boolean) || ("of" in field && field.of === "boolean");
  if (truth) return String(raw === 1);
  return String(Number((kind === "count" ? Math.round(raw) : raw).toPrecision(6)));
}

export const denseOf = (packed: PackedRows, { layout }: Group) =>
  (packed.groups.get(layout.name) as Extract<PackedValues, { type: "dense" }>).values;

const single = new Set(["real", "positive", "binary", "count", "categorical", "ordinal", "time"]);

/** Fields of one value a row, where they stand. */
export function cellsOf(
  groups: readonly Group[],
  roles: readonly ModelledField["role"][] = ["data"],
): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const group of groups) {
    let element = 0;
    const { fields }: GroupLayout = group.layout;
    for (const [place, field] of fields.entries()) {
      if (roles.includes(field.role) && single.has(field.kind)) {
        cells.set(field.name, { group, field, place, element });
      }
      element += elementsOf(field);
    }
  }
  return cells;
}

export interface Repaired {
  /** The rows, each with its field's value replaced, where `texts` says by which. */
  rows: PackedRows;
  /** Null where the field has no single value, or none is expected. */
  texts: (string | null)[];
}

export class Repairer {
  readonly #schema: FieldSchema;
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #runner: Runner;
  readonly #feeder: Feeder;

  private constructor(run: Run, groups: readonly Group[], runner: Runner, feeder: Feeder) {
    this.#schema = run.config.schema;
    this.#cells = cellsOf(groups);
    this.#runner = runner;
    this.#feeder = feeder;
  }

  static async create(run: Run, options: TaskOptions): Promise<Repairer> {
    const { schema, model } = run.config;
    const plan = new MemoryPlan();
    const batch = wholeBatch(BATCH_ROWS);
    const feeder = new Feeder(plan, schema, batch);
    const runner = await compileFor(run, reconstructionGraph(schema, model), batch, options, plan);
    return new Repairer(run, decodedGroups(schema, model), runner, feeder);
  }

  /** @param fields the field of each of these rows that is to be another. */
  async repair(
    packed: PackedRows,
    chosen: readonly number[],
    fields: readonly string[],
  ): Promise<Repaired> {
    const cells = fields.map((name) => this.#cells.get(name));
    const masked = pickRows(this.#schema, packed, chosen);
    for (const [i, cell] of cells.entries()) {
      if (!cell) continue;
      const values = denseOf(masked, cell.group);
      const start = i * cell.group.layout.elements + cell.element;
      const gap = values instanceof Float32Array ? Number.NaN : MISSING;
      values.fill(gap, start, start + elementsOf(cell.field));
    }
    const expected = await this.#expected(masked);
    const texts: (string | null)[] = [];
    for (const [i, cell] of cells.entries()) {
      const column = cell && expected.get(cell.group)![cell.place]!;
      const raw = column
        ? ((column.values as readonly (number | string | null)[])[i] ?? null)
        : null;
      const value = cell ? packedValue(cell.field, raw) : null;
      if (cell && value) {
        const start = i * cell.group.layout.elements + cell.element;
        denseOf(masked, cell.group).set(value, start);
      }
      texts.push(cell && value ? `${cell.field.name} = ${valueText(cell.field, raw!)}` : null);
    }
    const beyond = masked.beyond!.filter(({ row, field }) => field !== fields[row]);
    return { rows: { ...masked, beyond }, texts };
  }

  /** Of each group the raw values that are expected of rows, field by field. */
  async #expected(packed: PackedRows): Promise<Map<Group, ColumnValues[]>> {
    const groups = [...new Set([...this.#cells.values()].map(({ group }) => group))];
    const { memory, inputs, batch } = this.#runner;
    const parts = new Map(
      groups.map((group) => [group, new Float32Array(packed.rows * group.values)]),
    );
    for (let start = 0; start < packed.rows; start += batch) {
      const count = Math.min(batch, packed.rows - start);
      const draw = { seed: 0, step: 0, noiseStream: streams.evaluation, firstRow: 0, alike: true };
      this.#feeder.copy(memory, inputs, packed, start, start + count, draw);
      await this.#runner.run(count);
      for (const [group, values] of parts) {
        const output = this.#runner.output(group.layout.name);
        values.set(output.subarray(0, count * group.values), start * group.values);
      }
    }
    return new Map(
      [...parts].map(([group, values]) => [group, group.columns(values, packed.rows)]),
    );
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}
