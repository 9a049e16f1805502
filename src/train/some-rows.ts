// Some of a store's rows, drawn by chance.
import { readStored } from "../data/store/disk.ts";
import { Gatherer } from "../data/store/gather.ts";
import type { StoredRows } from "../data/store/stored.ts";
import type { FieldSchema } from "../fields/field.ts";
import { layoutOf } from "../fields/layout.ts";
import type { PackedRows } from "../fields/pack.ts";
import { Sequence } from "../runtime/sequence.ts";

/** So many of the rows, each as likely as any other, in their order (Knuth, algorithm 3.4.2S). */
export async function someRows(
  schema: FieldSchema,
  stored: StoredRows,
  most: number,
  seed: number,
  stream: number,
  step = 0,
): Promise<PackedRows> {
  const wanted = Math.min(stored.rows, most);
  const gathered = new Gatherer(layoutOf(schema), false, wanted, false);
  const draws = new Sequence(seed, stream, step);
  let seen = 0;
  for await (const piece of readStored(stored)) {
    for (let row = 0; row < piece.rows && gathered.rows < wanted; row++, seen++) {
      if ((stored.rows - seen) * draws.uniform() < wanted - gathered.rows) {
        gathered.add(piece, row, row + 1);
      }
    }
    if (gathered.rows === wanted) break;
  }
  return gathered.take();
}
