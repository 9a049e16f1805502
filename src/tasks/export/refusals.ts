// Which parts a run is exported as, and the refusal of one that ONNX cannot hold.
import { ElboError } from "../../base/errors.ts";
import type { Group } from "../../fields/groups/index.ts";

export const partNames = ["encoder", "decoder", "score", "sample", "predict"] as const;
export type PartName = (typeof partNames)[number];

const REFUSED = "export-part";

export function isRefusal(error: unknown): error is ElboError {
  return error instanceof ElboError && error.code === REFUSED;
}

/** Refuses a part that no ONNX file can hold: a usage error (`export-part`). */
export function refusal(part: PartName, reason: string, hint: string): ElboError {
  return new ElboError({
    code: REFUSED,
    kind: "usage",
    message: `${part}.onnx cannot be written: ${reason}`,
    hint,
  });
}

/** Texts that are written symbol by symbol, each from the one drawn before, are no fixed graph. */
export function requireAtOnce(part: PartName, groups: readonly Group[]): void {
  const text = groups.find(({ written }) => written);
  if (text === undefined) return;
  const { name } = text.layout.fields[0]!;
  throw refusal(
    part,
    `the texts of ${JSON.stringify(name)} are written symbol by symbol, each from those before it, which a graph without a loop does not do`,
    "Train with --decoding one-shot, or leave the part out.",
  );
}
