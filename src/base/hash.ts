// Content hashes, by which a file that was changed or cut short is known.
import { createHash } from "node:crypto";

/** SHA-256 of the pieces one after the other, in lower-case hexadecimal. */
export function sha256(...pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
