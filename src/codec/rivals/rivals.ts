// What the compressors that everybody has make of the same bytes, and their bytes unpacked.
import { ElboError } from "../../base/errors.ts";
import { duckdbZstdSize } from "./duckdb-zstd.ts";
import { nodeZstdWay } from "./node-zstd.ts";
import { programWay } from "./program.ts";
import { sevenZipWay } from "./seven-zip.ts";
import type { RivalName, Way } from "./way.ts";

interface Rival {
  /** The first that is here is taken. */
  ways: readonly Way[];
  /** What tells the size alone, where none of the ways is here; null where it is not, either. */
  size?: (bytes: Uint8Array) => Promise<number | null>;
  /** Why none is. */
  absent: string;
  remedy: string;
}

function olderRival(name: "xz" | "bzip2"): Rival {
  return {
    ways: [programWay(name), sevenZipWay(name)],
    absent: `neither the program ${name} nor the package 7z-wasm is installed here`,
    remedy: `install ${name}, or run npm install 7z-wasm`,
  };
}

const rivalsByName: Record<RivalName, Rival> = {
  xz: olderRival("xz"),
  zstd: {
    ways: [nodeZstdWay, programWay("zstd")],
    size: duckdbZstdSize,
    absent: `Node has zstd from 22.15 on and this is ${process.versions.node}; the program zstd is not installed here`,
    remedy: "install zstd, or use Node 22.15 or newer",
  },
  bzip2: olderRival("bzip2"),
};

const names: readonly RivalName[] = ["xz", "zstd", "bzip2"];

export interface RivalResult {
  name: RivalName;
  /** Null where it could not be run here, or its size alone is known. */
  bytes: Uint8Array | null;
  /** How many bytes it makes; null where it could not be run. */
  size: number | null;
  why?: string;
}

/** Runs xz -9, zstd -19 and bzip2 -9, one after the other. */
export async function rivals(bytes: Uint8Array): Promise<RivalResult[]> {
  const results: RivalResult[] = [];
  for (const name of names) results.push(await runRival(name, bytes));
  return results;
}

export async function runRival(name: RivalName, bytes: Uint8Array): Promise<RivalResult> {
  const { ways, size, absent, remedy } = rivalsByName[name];
  const none = { name, bytes: null };
  try {
    for (const way of ways) {
      const packed = await way.pack(bytes);
      if (packed !== null) return { name, bytes: packed, size: packed.length };
    }
    const told = await size?.(bytes);
    if (told !== undefined && told !== null) return { ...none, size: told };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { ...none, size: null, why };
  }
  return { ...none, size: null, why: `${absent} (${remedy})` };
}

/**
 * What a rival has packed.
 * @param limit of how many bytes may come out.
 * @throws ElboError `rival-damaged`, `rival-large`, or `rival-missing` where it cannot be run here.
 */
export async function restore(
  name: RivalName,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  const { ways, absent, remedy } = rivalsByName[name];
  for (const way of ways) {
    const unpacked = await way.unpack(bytes, limit);
    if (unpacked !== null) return unpacked;
  }
  throw new ElboError({
    code: "rival-missing",
    message: `the file was packed by ${name}, which cannot be run: ${absent}`,
    hint: remedy,
  });
}
