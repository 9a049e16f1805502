// The fuzzing properties of the formats of arrays, shared by the short and the long run.
import { readdirSync, readFileSync } from "node:fs";
import { arrayColumn } from "#elbo/data/arrays/array-column.js";
import { numberArray } from "#elbo/data/arrays/elements.js";
import { idxArray } from "#elbo/data/arrays/idx.js";
import { readMatrixMarket } from "#elbo/data/arrays/matrix-market.js";
import { npyArray } from "#elbo/data/arrays/npy-array.js";
import { npzArrays } from "#elbo/data/arrays/npz.js";
import { arrayRows, type StoredArray } from "#elbo/data/arrays/stored-array.js";
import { type ByteSource, memoryBytes } from "#elbo/data/bytes.js";
import { nodeInflater } from "#elbo/data/node-inflater.js";
import { unpackedMemory } from "#elbo/data/unpacked.js";
import { readsDamaged } from "../../helpers/mutate.ts";
import { idxBytes } from "../idx-bytes.ts";

const fixtures = "test/fixtures/data";
const files = (ending: RegExp) =>
  readdirSync(fixtures)
    .filter((name) => ending.test(name))
    .map((name) => readFileSync(`${fixtures}/${name}`));

/** In blocks of 7 bytes, so that headers and lines are cut too. */
function inPieces(bytes: Uint8Array, source: string): ByteSource {
  return {
    ...memoryBytes(bytes, source),
    async *blocks(start, end) {
      for (let from = start; from < end; from += 7)
        yield bytes.subarray(from, Math.min(end, from + 7));
    },
  };
}

async function held(array: StoredArray): Promise<number> {
  arrayColumn("damaged", array.name, array);
  let bytes = 0;
  for await (const values of arrayRows(array, 2, numberArray)) bytes += values.byteLength;
  return bytes;
}

export const damagedNpy = (runs: number) =>
  readsDamaged(
    files(/\.npy$/),
    async (bytes) => held(await npyArray(inPieces(bytes, "damaged.npy"), "x")),
    runs,
  );

/** Deflated arrays may rightly be larger than their file: only what is stored is measured. */
export const damagedNpz = (runs: number) =>
  readsDamaged(
    files(/\.npz$/),
    async (bytes) => {
      const { arrays } = await npzArrays(memoryBytes(bytes, "damaged.npz"), nodeInflater);
      let most = 0;
      for (const array of arrays) most = Math.max(most, await held(array));
      return most;
    },
    runs,
  );

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
      const file = unpackedMemory(bytes, "damaged.idx");
      const pieces = inPieces(bytes, "damaged.idx");
      return held(await idxArray({ ...file, blocks: () => pieces.blocks(0, bytes.length) }, "x"));
    },
    runs,
  );
}

export const damagedMtx = (runs: number) =>
  readsDamaged(
    files(/\.mtx$/),
    async (bytes) => {
      const pieces = inPieces(bytes, "damaged.mtx");
      const { sparse } = await readMatrixMarket({
        ...unpackedMemory(bytes, "damaged.mtx"),
        blocks: () => pieces.blocks(0, bytes.length),
      });
      return sparse.starts.byteLength + sparse.indices.byteLength + sparse.values.byteLength;
    },
    runs,
  );
