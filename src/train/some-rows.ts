// Some of a store's rows, drawn by chance.
import { readStored } from "../data/store/disk.ts";
import { Gatherer } from "../data/store/gather.ts";
import type { StoredRows } from "../data/store/stored.ts";
import type { FieldSchema } from "../fields/field.ts";
import { layoutOf } from "../fields/layout.ts";
import type { PackedRows } from "../fields/pack.ts";
import { Sequence } from "../runtime/sequence.ts";

/**
 * So many of the rows, each as likely as any other, in their order (Knuth, algorithm 3.4.2S).
 * @param stretch rows that follow each other and are taken together, where not all are. Default 1.
 */
export async function someRows(
  schema: FieldSchema,
  stored: StoredRows,
  most: number,
  seed: number,
  stream: number,
  step = 0,
  stretch = 1,
): Promise<PackedRows> {
  // Stretches that are whole; rows after them are taken where all are.
  const each = stored.rows <= most ? 1 : Math.min(stretch, most);
  const wanted = Math.min(Math.floor(stored.rows / each), Math.floor(most / each));
  const gathered = new Gatherer(layoutOf(schema), false, wanted * each, false);
  const draws = new Sequence(seed, stream, step);
  let [seen, taking] = [0, 0];
  for await (const piece of readStored(stored)) {
    for (let row = 0; row < piece.rows && gathered.rows < wanted * each; row++, seen++) {
      if (seen % each === 0) {
        const left = Math.floor((stored.rows - seen) / each);
        if (left * draws.uniform() < wanted - gathered.rows / each) taking = each;
      }
      if (taking === 0) continue;
      taking--;
      gathered.add(piece, row, row + 1);
    }
    if (gathered.rows === wanted * each) break;
  }
  return gathered.take();
}
