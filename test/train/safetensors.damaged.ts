// The fuzzing property of safetensors files, shared by the short and the long run.
import { readFileSync } from "node:fs";
import { decodeSafetensors, encodeSafetensors } from "#elbo/train/safetensors.js";
import { readsDamaged } from "../helpers/mutate.ts";

export function damagedSafetensors(runs: number) {
  const own = encodeSafetensors(
    new Map([
      ["w", { shape: [8, 4], data: new Float32Array(32) }],
      ["mask", { shape: [3], data: new Uint8Array(3) }],
    ]),
    new Map([["a", "b"]]),
  );
  const originals = [readFileSync("test/fixtures/data/reference.safetensors"), Buffer.concat(own)];
  return readsDamaged(
    originals,
    (bytes) => {
      const { tensors } = decodeSafetensors(bytes, "damaged.safetensors");
      return [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    },
    runs,
  );
}
