// Which parts a run is exported as, and the refusal of one that cannot be written.
import { ElboError } from "../../base/errors.ts";

export const partNames = ["encoder", "decoder", "score", "sample", "predict"] as const;
export type PartName = (typeof partNames)[number];

const REFUSED = "export-part";

export function isRefusal(error: unknown): error is ElboError {
  return error instanceof ElboError && error.code === REFUSED;
}

/** Refuses a part that cannot be written: a usage error (`export-part`). */
export function refusal(part: PartName, reason: string, hint: string): ElboError {
  return new ElboError({
    code: REFUSED,
    kind: "usage",
    message: `${part}.onnx cannot be written: ${reason}`,
    hint,
  });
}

/** Protocol buffers, which ONNX files are, end below this many bytes. */
const LARGEST = 2 ** 31;

/** Refuses a file that ONNX cannot hold. */
export function requireSize(part: PartName, bytes: number): void {
  if (bytes < LARGEST) return;
  throw refusal(
    part,
    `an ONNX file holds less than 2 GiB, and it would have ${(bytes / 2 ** 30).toFixed(1)}`,
    "Train with a smaller --network, or leave the part out.",
  );
}
