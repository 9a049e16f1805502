// Images under names of their own: below the folder they are for, and nowhere else.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { namedImages } from "#elbo/data/write/named-images.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";

const shape = [2, 1, 1] as const;

async function write(path: string, names: readonly (string | null)[]): Promise<number> {
  const output = await namedImages(path, shape);
  await output.write(new Uint8Array(2 * names.length), names);
  await output.close();
  return output.renamed();
}

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();

test("names stay, with .png behind those of other formats and those that are taken", async () => {
  const path = join(testFolder(), "out");
  expect(await write(path, ["a.png", "b/c.PNG", "b/d.jpg", "b/d.jpg.png"])).toBe(2);
  expect(below(path)).toEqual(["a.png", "b/c.PNG", "b/d.jpg.png", "b/d.jpg.png.png"]);
});

test("a folder that exists keeps its other files, in folders below it too", async () => {
  const path = join(testFolder(), "out");
  mkdirSync(join(path, "b"), { recursive: true });
  writeFileSync(join(path, "b", "kept"), "");
  writeFileSync(join(path, "b", "c.png"), "old");
  await write(path, ["b/c.png", "e/f.png"]);
  expect(below(path)).toEqual(["b/c.png", "b/kept", "e/f.png"]);
});

test.each([
  ["../a.png"],
  ["b/../../a.png"],
  ["/tmp/a.png"],
  ["b//a.png"],
  ["."],
  [""],
  ["b\\a.png"],
  ["C:a.png"],
  [null],
])("an image called %j is refused, and nothing stays", async (name) => {
  const folder = testFolder();
  const error = await elboError(() => write(join(folder, "out"), ["good.png", name]));
  expect(error).toMatchObject({ code: "image-name", kind: "usage" });
  expect(readdirSync(folder)).toEqual([]);
});
