// The smallest edit by which a row becomes something else: a counterfactual (Wachter, Mittelstadt and
// Russell 2017). Fewest fields first, then the shortest way; a search over values that other rows have
// (a beam), after which numbers go back as far towards their own as the goal allows.
import { ElboError } from "../../base/errors.ts";
import { checkNumber } from "../../base/validate.ts";
import type { DataSource } from "../../data/source.ts";
import { pickRows } from "../../data/store/pick-rows.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { decodedGroups } from "../../models/graphs.ts";
import { type Cell, cellsOf, valueText } from "../detect/repair.ts";
import { rowAt } from "../row-at.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "../run.ts";
import { writeOutput } from "../table.ts";
import { between, candidates, isLevel, packedAt, rawOf, setAt, sizeOf } from "./edits.ts";
import { type Goal, goalOf } from "./goal.ts";
import { someRows } from "./some-rows.ts";

export interface ChangeOptions extends TaskOptions {
  /** Fields that may change. Default: all of the data with one value a row. */
  fields?: readonly string[];
  /** Fields that change at most. Default 3. */
  most?: number;
}

export interface Edit {
  field: string;
  /** As people write them; null for a missing cell. */
  from: string | null;
  to: string;
  /** Deviations of the field that a number goes; 1 for another level, or a value in a gap. */
  size: number;
}

export interface Change {
  row: number;
  goal: string;
  /** What the row is, and what it becomes: a class, or a number. */
  before: string | number;
  after: string | number;
  /** None where the row meets the goal as it is; null where no edit was found. */
  edits: Edit[] | null;
}

const BEAM = 10;
/** Halvings of the way back: it ends within a 4000th of it. */
const HALVINGS = 12;
const REFERENCE_ROWS = 1000;

/** New values by the name of their field. */
type State = ReadonlyMap<string, readonly number[]>;

class Search {
  readonly #run: Run;
  readonly #goal: Goal;
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #own: PackedRows;

  constructor(run: Run, goal: Goal, cells: ReadonlyMap<string, Cell>, own: PackedRows) {
    this.#run = run;
    this.#goal = goal;
    this.#cells = cells;
    this.#own = own;
  }

  say(states: readonly State[]) {
    const rows = pickRows(
      this.#run.config.schema,
      this.#own,
      states.map(() => 0),
    );
    for (const [row, state] of states.entries()) {
      for (const [name, value] of state) setAt(rows, this.#cells.get(name)!, row, value);
    }
    return this.#goal.say(rows);
  }

  #from(name: string) {
    return packedAt(this.#own, this.#cells.get(name)!, 0);
  }

  size(state: State): number {
    let sum = 0;
    for (const [name, to] of state) {
      sum += sizeOf(this.#cells.get(name)!.field, this.#from(name), to);
    }
    return sum;
  }

  /** States of fewest fields that meet the goal, of the same fields the nearest; none: empty. */
  async find(values: ReadonlyMap<string, readonly number[][]>, most: number) {
    let beam: State[] = [new Map()];
    for (let count = 1; count <= most; count++) {
      const next = new Map<string, State>();
      for (const state of beam) {
        for (const [name, all] of values) {
          if (state.has(name)) continue;
          const own = this.#from(name)?.join();
          for (const value of all) {
            if (value.join() === own) continue;
            const further = new Map([...state, [name, value] as const]);
            const key = [...further].map(([field, to]) => `${field} ${to.join()}`).sort();
            next.set(key.join("\n"), further);
          }
        }
      }
      const states = [...next.values()];
      if (states.length === 0) return [];
      const { margin } = await this.say(states);
      const met = states.filter((_, i) => margin[i]! < 0);
      if (met.length > 0) {
        const sets = new Map<string, State>();
        for (const state of met.sort((a, b) => this.size(a) - this.size(b))) {
          const key = [...state.keys()].sort().join("\n");
          if (!sets.has(key)) sets.set(key, state);
        }
        return [...sets.values()].slice(0, BEAM);
      }
      const order = [...states.keys()].sort((a, b) => margin[a]! - margin[b]!);
      beam = order.slice(0, BEAM).map((i) => states[i]!);
    }
    return [];
  }

  /** Numbers as near to the row's own as the goal allows, one field after the other. */
  async nearer(found: State): Promise<State> {
    let state = found;
    for (const [name, to] of found) {
      const { field } = this.#cells.get(name)!;
      const from = this.#from(name);
      if (from === null || isLevel(field)) continue;
      const at = (share: number) =>
        new Map([...state, [name, between(field, from, to, share)] as const]);
      let [short, enough] = [0, 1];
      for (let i = 0; i < HALVINGS; i++) {
        const middle = (short + enough) / 2;
        const { margin } = await this.say([at(middle)]);
        if (margin[0]! < 0) enough = middle;
        else short = middle;
      }
      if (enough < 1) state = at(enough);
    }
    return state;
  }

  edits(state: State): Edit[] {
    return [...state].map(([name, to]) => {
      const { field } = this.#cells.get(name)!;
      const from = this.#from(name);
      return {
        field: name,
        from: from && valueText(field, rawOf(field, from)),
        to: valueText(field, rawOf(field, to)),
        size: sizeOf(field, from, to),
      };
    });
  }
}

function allowed(cells: ReadonlyMap<string, Cell>, fields: readonly string[] | undefined) {
  if (fields === undefined) return [...cells.keys()];
  const wrong = fields.find((name) => !cells.has(name));
  if (wrong === undefined) return [...fields];
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--field ${wrong}: the run has no such field of the data with one value a row`,
    hint: `They are ${[...cells.keys()].join(", ")}.`,
  });
}

/**
 * What to change in a row so that it meets a goal.
 * @param row from 0.
 * @param goal `species=Gentoo` (a target's class), `price>1000` (its number), `score<20` (the negative
 * ELBO), `z0>1` (a latent).
 */
export async function change(
  run: string | Run,
  data: string | DataSource,
  row: number,
  goal: string,
  options: ChangeOptions = {},
): Promise<Change> {
  const opened = await runOf(run);
  const { schema, model } = opened.config;
  const most = checkNumber("--most", options.most ?? 3, { min: 1, integer: true });
  const cells = cellsOf(decodedGroups(schema, model));
  const names = allowed(cells, options.fields);
  const source = await sourceFor(opened, data);
  try {
    const { packed: own } = await rowAt(opened, source, row, "--change");
    const { packed } = await someRows(opened, source, REFERENCE_ROWS);
    const values = new Map(names.map((name) => [name, candidates(packed, cells.get(name)!)]));
    const judge = await goalOf(opened, goal, options);
    try {
      const search = new Search(opened, judge, cells, own);
      const now = await search.say([new Map()]);
      const before = now.values[0]!;
      if (now.margin[0]! < 0) return { row, goal, before, after: before, edits: [] };
      const found = await search.find(values, most);
      if (found.length === 0) return { row, goal, before, after: before, edits: null };
      const nearer: State[] = [];
      for (const state of found) nearer.push(await search.nearer(state));
      const state = nearer.reduce((a, b) => (search.size(b) < search.size(a) ? b : a));
      const after = (await search.say([state])).values[0]!;
      return { row, goal, before, after, edits: search.edits(state) };
    } finally {
      await judge.release();
    }
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** A line of each edit; none where there is nothing to change, or nothing was found. */
export function writeEdits(
  path: string,
  { edits }: Pick<Change, "edits">,
  options: { force?: boolean } = {},
): Promise<number> {
  const all = edits ?? [];
  async function* pieces() {
    yield {
      rows: all.length,
      values: [
        all.map(({ field }) => field),
        all.map(({ from }) => from),
        all.map(({ to }) => to),
        Float64Array.from(all, ({ size }) => size),
      ],
    };
  }
  const columns = [
    ...["field", "from", "to"].map((name) => ({ name, type: "text" as const })),
    { name: "size", type: "float64" as const },
  ];
  return writeOutput(path, { columns, pieces: pieces() }, options);
}
