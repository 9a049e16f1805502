// Joins the modules of build/ to the few files of dist/: Node takes about a millisecond for each file that
// it loads, whatever its size, and a training would load 600 (docs/decisions/0038-few-files.md).
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { posix, relative, resolve } from "node:path";
import { rolldown } from "rolldown";

/** Files that something else than an import names: package.json, or a `new Worker`. */
const entries = {
  index: "index.js",
  browser: "browser.js",
  main: "cli/main.js",
  "train-worker": "train/worker.js",
  "report-worker": "report/worker.js",
  "compress-worker": "tasks/compress/worker.js",
};

/** Folders that code finds beside itself. */
const folders = { lzf: "data/annotated/lzf" };

/** The modules that these load at once, themselves among them. */
function loadedWith(starts, context) {
  const reached = new Set(starts.map((start) => resolve("build", start)));
  // A set goes on with what is added to it on the way.
  for (const id of reached)
    for (const next of context.getModuleInfo(id)?.importedIds ?? []) reached.add(next);
  return reached;
}

/** What has much in common, and is loaded apart. */
const loaders = {
  words: ["cli/process.js"],
  page: ["browser.js"],
  worker: ["train/worker.js"],
  training: ["report/training.js", "cli/train-talk.js"],
  library: ["index.js"],
};

/**
 * Modules that the same loaders have are one file, named by them: none loads what it has no use for, and
 * a page no module of Node. What one entry alone has goes into it; the rest is divided by rolldown.
 */
function fileOf() {
  const starts = Object.values(entries).map((path) => resolve("build", path));
  let sets;
  return (id, context) => {
    sets ??= Object.entries(loaders).map(([name, starts]) => ({
      name,
      has: loadedWith(starts, context),
    }));
    const names = sets.filter(({ has }) => has.has(id)).map(({ name }) => name);
    const own = names.length === 1 && ["page", "worker"].includes(names[0]);
    return starts.includes(id) || names.length === 0 || own ? null : names.join("-");
  };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const apart = Object.keys({
  ...manifest.dependencies,
  ...manifest.optionalDependencies,
  ...manifest.peerDependencies,
});
const isApart = (id) =>
  id.startsWith("node:") || apart.some((name) => id === name || id.startsWith(`${name}/`));

/** The path in dist/, where all lie side by side, of what lies at `target` in build/. */
function inDist(target) {
  const named = Object.entries({ ...entries, ...folders }).find(([, each]) => each === target);
  if (named) return posix.extname(target) ? `./${named[0]}.js` : `./${named[0]}`;
  // What is outside build/ is outside dist/ too.
  return target.startsWith("../") ? target : undefined;
}

/** `new URL("./worker.js", import.meta.url)` names what it means in dist/. */
const beside = {
  name: "beside",
  transform(code, id) {
    const inside = relative(resolve("build"), id).replaceAll("\\", "/");
    return code.replaceAll(/new URL\("(\.[^"]+)", import\.meta\.url\)/g, (_, path) => {
      const found = inDist(posix.join(posix.dirname(inside), path));
      if (!found) throw new Error(`${inside} names ${path}, which scripts/bundle.mjs does not`);
      return `new URL("${found}", import.meta.url)`;
    });
  },
};

/** The licences of the packages whose code is joined in. */
function writeLicenses(chunks) {
  const names = chunks.flatMap(({ moduleIds }) =>
    moduleIds.map((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id.replaceAll("\\", "/"))?.[1]),
  );
  const texts = [...new Set(names)]
    .filter(Boolean)
    .sort()
    .map((name) => {
      const folder = `node_modules/${name}`;
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
      return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
    });
  writeFileSync("dist/licenses.txt", texts.join("\n\n"));
}

export async function bundle() {
  const input = Object.fromEntries(
    Object.entries(entries).map(([name, module]) => [name, `build/${module}`]),
  );
  const build = await rolldown({
    input,
    platform: "neutral",
    tsconfig: false,
    transform: { target: "esnext" },
    resolve: { mainFields: ["module", "main"], conditionNames: ["import", "node"] },
    external: isApart,
    preserveEntrySignatures: "allow-extension",
    plugins: [beside],
    logLevel: "warn",
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.write({
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    comments: { legal: true, annotation: true, jsdoc: false },
    codeSplitting: {
      groups: [{ name: fileOf(), debugName: "by loaders" }],
      includeDependenciesRecursively: false,
    },
  });
  await build.close();
  for (const [name, folder] of Object.entries(folders))
    cpSync(`build/${folder}`, `dist/${name}`, { recursive: true });
  writeLicenses(output);
}
