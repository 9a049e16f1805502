// The package as it reaches people: packed, installed by a plain `npm install`, and used there as
// a command and as a library.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { numbers } from "./cli/support.ts";
import { idxBytes } from "./data/idx-bytes.ts";

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  version: string;
  optionalDependencies: Record<string, string>;
};
// What `npm test` passes on to its children is not what a person's shell holds.
const kept = /^npm_config_(registry|cache|userconfig|globalconfig|https?_?proxy|noproxy|cafile)$/i;
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)),
);

interface Ran {
  stdout: string;
  stderr: string;
}

function run(cwd: string, command: string, ...words: string[]): Ran {
  const log = join(cwd, "stderr.txt");
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const line = `${[command, ...words].map(quote).join(" ")} 2>${quote(log)}`;
  try {
    const stdout = execFileSync("sh", ["-c", line], { cwd, env, encoding: "utf8" });
    return { stdout, stderr: readFileSync(log, "utf8") };
  } catch (cause) {
    throw new Error(`${line} failed: ${readFileSync(log, "utf8")}`, { cause });
  } finally {
    rmSync(log, { force: true });
  }
}

/** Lines of stderr that elbo wrote; npm's own warnings left out. */
const talk = ({ stderr }: Ran) => stderr.split("\n").filter((line) => !line.startsWith("npm "));

let folder: string;
let tarball: string;
let packed: { filename: string; unpackedSize: number; files: { path: string }[] };
let reachable = false;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "elbo-package-"));
  const words = ["pack", "--json", "--pack-destination", folder];
  const answer = execFileSync("npm", words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  [packed] = JSON.parse(answer) as [typeof packed];
  tarball = join(folder, packed.filename);
  try {
    const options = { env, cwd: folder, timeout: 20_000, stdio: "ignore" } as const;
    execFileSync("npm", ["view", "commander", "version", "--fetch-retries=0"], options);
    reachable = true;
  } catch {
    // The tests that install say why they are skipped.
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function freshFolder(name: string): string {
  const path = mkdtempSync(join(folder, `${name}-`));
  writeFileSync(join(path, "data.csv"), numbers(200, 4));
  return path;
}

test("the package holds the built code, its types and its papers, and nothing else", () => {
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      ...["package.json", "README.md", "CHANGELOG.md", "LICENSE", "dist/index.js"],
      ...["dist/types/index.d.ts", "dist/main.js", "dist/train-worker.js"],
      ...["dist/browser.js", "dist/types/browser.d.ts", "dist/licenses.txt"],
    ]),
  );
  const built = /^dist\/([^/]+\.js|types\/.*\.d\.ts|licenses\.txt)$/;
  const plugins = paths.filter((path) => path.endsWith(".so"));
  expect(plugins).toEqual(["dist/lzf/libelbo-lzf.so"]);
  const others = paths.filter(
    (path) =>
      !built.test(path) && !plugins.includes(path) && !/^(package\.json|[A-Z]+(\.md)?)$/.test(path),
  );
  expect(others).toEqual([]);
  // Declarations that no public one reaches stay at home: a program is checked against the rest below.
  expect(paths.filter((path) => /^dist\/types\/cli\//.test(path))).toEqual([]);
  expect(packed.unpackedSize).toBeLessThan(3_000_000);
});

test.each(["index.js", "browser.js"])(
  "dist/%s exports what its module does, and no more",
  async (face) => {
    const names = async (folder: string) => Object.keys(await import(resolve(folder, face))).sort();
    expect(await names("dist")).toEqual(await names("build"));
  },
);

const program = `
import { ElboError, encode, evaluate, openData, openRun, sample, train, type TrainEvent } from "elbojs";

const losses: number[] = [];
const onEvent = (event: TrainEvent) => {
  if (event.event === "epoch") losses.push(event.validation?.loss ?? event.train.loss);
};
const data = await openData("data.csv");
const result = await train(data, { out: "library", latent: 2, epochs: 3 }, { onEvent });
const run = await openRun(result.run);
const { mean, latent }: { mean: Float32Array; latent: number } = await encode(run, data);
const { elbo } = await evaluate(run, "data.csv");
const { values, columns } = await sample(run, 5, { seed: 1 });
// @ts-expect-error a method that does not exist
const failed = await train(data, { method: "vea" }).catch((error: unknown) => error);
const code = failed instanceof ElboError ? failed.code : "";
console.log(JSON.stringify([losses.length, mean.length / latent, typeof elbo, columns.length, values[0]?.values.length, code]));
`;

test("installed by a plain npm install it is a command and a library", (context) => {
  if (!reachable) return context.skip("no package registry can be reached");
  const app = freshFolder("app");
  run(app, "npm", "install", tarball);
  const version = run(app, "npx", "elbo", "--version");
  expect(version.stdout).toBe(`${manifest.version}\n`);

  const trained = run(app, "npx", "elbo", "train", "data.csv", "--epochs", "3");
  expect(trained.stdout).toBe("runs/data-vae\n");
  const native = existsSync(join(app, "node_modules/onnxruntime-node"));
  const notes = talk(trained).filter((line) => line.startsWith("note: "));
  expect(notes.length).toBe(native ? 0 : 1);
  expect(talk(trained).join("\n")).toMatch(native ? /^device +cpu/m : /^device +wasm/m);

  writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(app, "program.ts"), program);
  const compiler = resolve("node_modules/typescript/bin/tsc");
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const modules = ["--module", "nodenext", "--target", "es2023", "--lib", "es2023,dom"];
  run(app, process.execPath, compiler, ...strict, ...modules, "program.ts");
  const { stdout } = run(app, process.execPath, "program.js");
  expect(JSON.parse(stdout)).toEqual([3, 200, "number", 4, 5, "option-value"]);
}, 300_000);

test("without optional packages it computes on WebAssembly, and one line says how to get the rest", (context) => {
  if (!reachable) return context.skip("no package registry can be reached");
  const app = freshFolder("wasm");
  // As npx would find it, which takes a second each time.
  const command = join(app, "node_modules/.bin/elbo");
  const pixels = Uint8Array.from({ length: 100 * 36 }, (_, i) => (i * 37) % 256);
  writeFileSync(join(app, "images.idx"), idxBytes(8, [100, 6, 6], pixels));
  run(app, "npm", "install", "--omit=optional", tarball);
  const words = ["train", "images.idx", "--epochs", "2", "--out"];
  const trained = run(app, command, ...words, "r");
  const advice = /^note: the native runtime is not installed; .*npm install onnxruntime-node/;
  const notes = (ran: Ran) => talk(ran).filter((line) => line.startsWith("note: "));
  expect(notes(trained)).toEqual([expect.stringMatching(advice)]);
  expect(talk(trained).join("\n")).toMatch(/^device +wasm/m);
  const encoded = run(app, command, "encode", "r", "images.idx", "-o", "z.npy");
  expect(notes(encoded)).toEqual([expect.stringMatching(advice)]);
  // CSV needs no package, nor does writing Parquet; reading it is DuckDB's, whose native part is optional.
  run(app, command, "train", "data.csv", "--epochs", "1", "--out", "t");
  run(app, command, "sample", "t", "-n", "3", "-o", "s.parquet");
  expect(() => run(app, command, "inspect", "s.parquet")).toThrow(
    /error: s\.parquet needs DuckDB.*\nhint: .*npm install/,
  );

  // What that line advises brings it, also where nothing but the registry is reached.
  const name = `onnxruntime-node@${manifest.optionalDependencies["onnxruntime-node"]}`;
  run(app, "npm", "install", name, "--ignore-scripts");
  const native = run(app, command, ...words, "n");
  expect(notes(native)).toEqual([]);
  expect(talk(native).join("\n")).toMatch(/^device +cpu/m);
}, 300_000);
