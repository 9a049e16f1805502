// The fuzzing properties of .npy and IDX files, shared by the short and the long run.
import { readdirSync, readFileSync } from "node:fs";
import { decodeIdx } from "#elbo/data/idx.js";
import { decodeNpy } from "#elbo/data/npy.js";
import { readsDamaged } from "../helpers/mutate.ts";
import { idxBytes } from "./idx-bytes.ts";

const fixtures = "test/fixtures/data";

export function damagedNpy(runs: number) {
  const names = readdirSync(fixtures).filter((name) => name.endsWith(".npy"));
  const originals = names.map((name) => readFileSync(`${fixtures}/${name}`));
  return readsDamaged(
    originals,
    (bytes) => decodeNpy(bytes, "damaged.npy").values.byteLength,
    runs,
  );
}

export function damagedIdx(runs: number) {
  const originals = [
    idxBytes(
      8,
      [3, 4, 5],
      Uint8Array.from({ length: 60 }, (_, i) => i),
    ),
    idxBytes(8, [6], new Uint8Array(6)),
    idxBytes(13, [2, 2], new Uint8Array(16)),
    idxBytes(14, [2], new Uint8Array(16)),
  ];
  return readsDamaged(
    originals,
    async (bytes) => {
      // In blocks of 7 bytes, so that headers are cut too.
      const blocks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
        bytes.subarray(7 * i, 7 * i + 7),
      );
      return (await decodeIdx(blocks, bytes.length, "damaged.idx")).values.byteLength;
    },
    runs,
  );
}
