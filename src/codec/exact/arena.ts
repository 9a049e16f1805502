// Places in memory for values while they are needed: first fit, freed neighbours joined.

/** A line of a cache, so that rows of different tensors share none. */
const ALIGNMENT = 64;
/** Kernels work on four elements at a time, and may spill over a tensor's end by three. */
const SPILL = 16;

/** The bytes that a tensor of so many elements takes up. */
export const occupied = (elements: number): number =>
  Math.ceil((4 * elements + SPILL) / ALIGNMENT) * ALIGNMENT;

interface Gap {
  at: number;
  size: number;
}

export class Arena {
  #gaps: Gap[] = [];
  #end: number;
  readonly #taken = new Map<number, number>();

  /** @param start a multiple of 64. */
  constructor(start: number) {
    this.#end = start;
  }

  /** The end of all that was ever taken. */
  get end(): number {
    return this.#end;
  }

  take(elements: number): number {
    const size = occupied(elements);
    const gap = this.#gaps.find((candidate) => candidate.size >= size);
    const at = gap ? gap.at : this.#end;
    if (gap) {
      gap.at += size;
      gap.size -= size;
      this.#gaps = this.#gaps.filter((other) => other.size > 0);
    } else this.#end += size;
    this.#taken.set(at, size);
    return at;
  }

  free(at: number): void {
    this.#gaps.push({ at, size: this.#taken.get(at)! });
    this.#taken.delete(at);
    this.#gaps.sort((a, b) => a.at - b.at);
    this.#gaps = this.#gaps.reduce<Gap[]>((joined, gap) => {
      const last = joined.at(-1);
      if (last && last.at + last.size === gap.at) last.size += gap.size;
      else joined.push(gap);
      return joined;
    }, []);
  }
}
