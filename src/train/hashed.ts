// Tensors in a file with the hash of their own bytes, so that a damaged file is never taken for a
// whole one.
import { ElboError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import { readSafetensors, type TensorData, writeSafetensors } from "./safetensors.ts";

export type HashedTensors = ReadonlyMap<string, { shape: readonly number[]; data: TensorData }>;

function contentHash(tensors: ReadonlyMap<string, { data: TensorData }>): string {
  const names = [...tensors.keys()].sort();
  const pieces = names.flatMap((name) => {
    const { data } = tensors.get(name)!;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [new TextEncoder().encode(`${name}\n`), bytes];
  });
  return sha256(...pieces);
}

export async function saveHashed(
  path: string,
  tensors: HashedTensors,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const entries = Object.entries({ ...metadata, sha256: contentHash(tensors) });
  await writeSafetensors(path, tensors, new Map(entries));
}

/** @throws ElboError `file-missing`, `safetensors-invalid`, `weights-changed`. */
export async function loadHashed<Data extends TensorData = Float32Array>(
  path: string,
): Promise<{ tensors: Map<string, Data>; metadata: ReadonlyMap<string, string> }> {
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata.get("sha256") !== contentHash(tensors)) {
    throw new ElboError({
      code: "weights-changed",
      message: `${path} is not as it was saved: its hash does not match its tensors`,
      hint: "Restore the file from a copy of the run, or train again.",
      where: { file: path },
    });
  }
  const arrays = [...tensors].map(([name, { data }]): [string, Data] => [name, data as Data]);
  return { tensors: new Map(arrays), metadata };
}
