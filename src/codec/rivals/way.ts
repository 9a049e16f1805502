// One way of running another compressor on this machine. There may be several, and none may be here.
import { ElboError } from "../../base/errors.ts";

export type RivalName = "xz" | "zstd" | "bzip2";

export interface Way {
  /** At the level that people name: xz -9, zstd -19, bzip2 -9. Null where this way is not here. */
  pack(bytes: Uint8Array): Promise<Uint8Array | null>;
  /**
   * Null where this way is not here.
   * @throws ElboError `rival-damaged`, or `rival-large` where more than `limit` bytes come out.
   */
  unpack(bytes: Uint8Array, limit: number): Promise<Uint8Array | null>;
}

const copy = "the file is damaged, or not what it is taken for; take another copy of it";

export function damagedRival(name: string, reason: string): ElboError {
  return new ElboError({
    code: "rival-damaged",
    message: `${name} gives back what it has packed; these bytes it refuses: ${reason}`,
    hint: copy,
  });
}

export function largeRival(name: string, limit: number): ElboError {
  return new ElboError({
    code: "rival-large",
    message: `${limit} bytes at most may come of what ${name} has packed; there are more`,
    hint: copy,
  });
}
