// What an npz archive holds, with integers of eight bytes as they stand.
import { storedNumbers } from "#elbo/data/arrays/elements.js";
import { npzArrays } from "#elbo/data/arrays/npz.js";
import { arrayRows } from "#elbo/data/arrays/stored-array.js";
import { fileBytes } from "#elbo/data/file-bytes.js";
import { nodeInflater } from "#elbo/data/node-inflater.js";

export interface Content {
  element: string;
  shape: number[];
  values: (number | bigint)[];
}

/** Its arrays of numbers, by name. */
export async function npzContent(path: string): Promise<Map<string, Content>> {
  const { arrays } = await npzArrays(await fileBytes(path), nodeInflater);
  const found = new Map<string, Content>();
  for (const array of arrays) {
    const values: (number | bigint)[] = [];
    for await (const part of arrayRows(array, 5, storedNumbers)) values.push(...part);
    found.set(array.name, { element: array.element, shape: array.shape, values });
  }
  return found;
}
