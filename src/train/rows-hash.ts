// A hash of packed rows: the same for the same rows in whatever pieces they come.
import { createHash, type Hash } from "node:crypto";
import type { PackedRows } from "../fields/pack.ts";

type Numbers = Float32Array | Int32Array | Uint8Array;

/** How many entries each of a sparse group's rows has. */
const lengthsOf = (offsets: Int32Array) =>
  offsets.subarray(1).map((offset, row) => offset - offsets[row]!);

export class RowsHash {
  /** SHA-256 of each array, by its part and name. */
  readonly #arrays = new Map<string, Hash>();

  add(part: "training" | "validation", { groups, weights }: PackedRows): void {
    for (const [group, packed] of groups) {
      const name = `${part} ${group}`;
      if (packed.type === "dense") {
        this.#update(name, packed.values);
        continue;
      }
      this.#update(`${name} lengths`, lengthsOf(packed.offsets));
      this.#update(`${name} indices`, packed.indices);
      this.#update(`${name} values`, packed.values);
    }
    if (weights) this.#update(`${part} weights`, weights);
  }

  #update(name: string, values: Numbers): void {
    let hash = this.#arrays.get(name);
    if (!hash) {
      hash = createHash("sha256");
      this.#arrays.set(name, hash);
    }
    hash.update(values);
  }

  /** In hexadecimal digits. */
  digest(): string {
    const each = [...this.#arrays].map(([name, hash]) => [name, hash.digest("hex")]);
    return createHash("sha256").update(JSON.stringify(each)).digest("hex");
  }
}
