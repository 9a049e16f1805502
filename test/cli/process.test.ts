// A command's process and the function that it runs say and write the same: other tests of commands
// may then do without the process (./support.ts).
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { elbo, elboProcess, elboProcessDone, numbers, writeData } from "./support.ts";

const shared = sharedFolder();
beforeAll(async () => {
  writeData(shared, "d.csv", numbers(60, 3));
  writeData(shared, "ragged.csv", "a,b\n1,2\n3\n");
  writeData(shared, "taken.csv", "mine");
  await elboProcessDone(shared, "train", "d.csv", "--epochs", "1", "--out", "r");
  cpSync(join(shared, "r"), join(shared, "cut"), { recursive: true });
  rmSync(join(shared, "cut", "model.safetensors"));
});

/** All files below `folder`; a speed, which differs between runs, left out. */
function filesOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      const text = readFileSync(path, "latin1").replace(/"rowsPerSecond":\d+/g, "");
      return [path.slice(folder.length), text];
    }),
  );
}

test.each<[number, string]>([
  [0, "train d.csv --epochs 2 --quiet --out new"],
  [0, "inspect d.csv"],
  [0, "inspect r --json"],
  [0, "evaluate r d.csv"],
  [0, "evaluate r d.csv --json"],
  [0, "encode r d.csv -o z.csv"],
  [0, "reconstruct r d.csv -o seen.parquet --json"],
  [0, "sample r -n 5 -o s.csv"],
  [0, "detect r d.csv -o strange.csv"],
  [0, "encode --help"],
  [2, ""],
  [2, "train d.csv --latnet 3"],
  [2, "train d.csv --latnet 3 --json"],
  [2, "train d.csv --target c9 --out new"],
  [2, "encode r d.csv -o taken.csv"],
  [1, "train none.csv"],
  [1, "train ragged.csv --out new"],
  [1, "train ragged.csv --out new --json"],
  [1, "inspect ragged.csv"],
  [1, "train d.csv --lr 1e30 --quiet --out new"],
  [1, "evaluate cut d.csv"],
  [1, "sample cut -n 3 -o s.csv --json"],
])("with exit code %d: elbo %s", async (code, line) => {
  const words = line.split(" ").filter(Boolean);
  const of = async (run: typeof elbo) => {
    const folder = testFolder();
    cpSync(shared, folder, { recursive: true });
    return { ...(await run(folder, ...words)), files: filesOf(folder) };
  };
  const ofProcess = await of(elboProcess);
  expect(ofProcess.code, ofProcess.stderr).toBe(code);
  expect(await of(elbo)).toEqual(ofProcess);
});
