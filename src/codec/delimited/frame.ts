// All of a table that is no cell: what stands before each row and after the last. That is the mark of
// UTF-8 and the header before the first, a line end before the others, and with it lines that are no
// rows. Different ones are kept once, and how often each comes in a row.

import { ByteReader, ByteWriter } from "../bytes.ts";
import { ascii } from "./form-table.ts";
import { damagedParts } from "./parts.ts";

/** Longer ones hardly come again. */
const rememberedLength = 64;

export class Gaps {
  readonly #known = new Map<string, number>();
  readonly #different: Uint8Array[] = [];
  /** Places in `#different` with how often each comes. */
  readonly #runs: { gap: number; times: number }[] = [];

  add(bytes: Uint8Array, start: number, end: number): void {
    const key = end - start > rememberedLength ? undefined : ascii(bytes, start, end);
    let gap = key === undefined ? undefined : this.#known.get(key);
    if (gap === undefined) {
      gap = this.#different.push(bytes.slice(start, end)) - 1;
      if (key !== undefined) this.#known.set(key, gap);
    }
    const last = this.#runs.at(-1);
    if (last?.gap === gap) last.times++;
    else this.#runs.push({ gap, times: 1 });
  }

  frame(delimiter: string): Uint8Array {
    const writer = new ByteWriter();
    writer.text(delimiter);
    writer.count(this.#different.length);
    for (const gap of this.#different) writer.block(gap);
    for (const { gap, times } of this.#runs) {
      writer.count(gap);
      writer.count(times);
    }
    return writer.finish();
  }
}

export interface Frame {
  delimiter: string;
  /** What stands before each row, and after the last. */
  gaps: Uint8Array[];
}

/** @throws ElboError `delimited-damaged` or `archive-damaged` unless it is a frame of so many rows. */
export function readFrame(frame: Uint8Array, rows: number): Frame {
  const reader = new ByteReader(frame);
  const delimiter = reader.text();
  if (delimiter.length !== 1) throw damagedParts("what separates cells is not one character");
  const different: Uint8Array[] = [];
  for (let left = reader.count(frame.length); left > 0; left--) different.push(reader.block());
  const gaps: Uint8Array[] = [];
  while (gaps.length <= rows) {
    const gap = different[reader.count(different.length - 1)]!;
    const times = reader.count(rows + 1 - gaps.length);
    if (times === 0) throw damagedParts("something comes no times");
    for (let i = 0; i < times; i++) gaps.push(gap);
  }
  if (reader.left > 0) throw damagedParts("something stands behind its lines");
  return { delimiter, gaps };
}
