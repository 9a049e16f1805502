// Whether rows hold anything that a model can go by: empty ones alone are a mistake, and no data.
import { ElboError } from "../base/errors.ts";
import type { DataSource } from "../data/source.ts";
import type { Role } from "../fields/field.ts";
import { type GroupLayout, layoutOf, MISSING } from "../fields/layout.ts";
import type { PackedRows } from "../fields/pack.ts";
import type { Run } from "./run.ts";

export class UsableRows {
  readonly #source: DataSource;
  readonly #groups: GroupLayout[];
  #found = false;

  /** @param roles of the fields whose cells a task goes by. */
  constructor({ config: { schema } }: Run, source: DataSource, roles: readonly Role[] = ["data"]) {
    this.#source = source;
    this.#groups = layoutOf(schema).filter(({ fields: [field] }) => roles.includes(field!.role));
  }

  add({ rows, groups }: PackedRows): void {
    this.#found ||= this.#groups.some(({ name, elements, dtype }) => {
      const { type, values } = groups.get(name)!;
      // Bytes are never missing, and what a sparse row leaves out is 0.
      if (dtype === "uint8" || (type === "sparse" && values.length < rows * elements)) return true;
      return values.some((value) => !Number.isNaN(value) && value !== MISSING);
    });
  }

  /** @throws ElboError `data-empty` where no row that was added holds a cell. */
  check(): void {
    if (this.#found) return;
    const names = this.#groups.flatMap(({ fields }) => fields.map(({ name }) => name));
    const { source } = this.#source;
    throw new ElboError({
      code: "data-empty",
      message: `${source}: no row has a value in a column that the model goes by`,
      hint: `Give rows with values of ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", ..." : ""}.`,
      where: { file: source },
    });
  }
}
