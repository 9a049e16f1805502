// elbo beside its peers, in turns: `npm run bench [-- --only NAME] [--data DIR] [--runs N]`. Each
// program runs in a fresh process; what counts is the median of the ratios of neighbouring pairs.
// ELBO_PYTHON names a Python with PyTorch; a peer that does not run is left out, with the reason.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Random, streams } from "#elbo/runtime/random.js";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    data: { type: "string" },
    runs: { type: "string", default: "5" },
  },
});
const python = process.env.ELBO_PYTHON ?? "python3";
const shared = join(process.env.ELBO_DATA ?? "../shared/data", "mnist");
const data = flags.data ?? (existsSync(shared) ? shared : undefined);
const dataFlags = data ? ["--data", data] : [];
const folder = mkdtempSync(join(tmpdir(), "elbo-bench-"));
// Molecules, or made-up words of like lengths.
const molecules = join(process.env.ELBO_DATA ?? "../shared/data", "smiles", "valid.txt");
const texts = existsSync(molecules) ? molecules : join(folder, "texts.txt");
if (texts !== molecules) {
  const random = new Random(2);
  const made = Array.from({ length: 12_800 }, (_, i) => {
    const [size, ...codes] = random.uniform(streams.synthetic, i, 101);
    const length = 20 + Math.floor(50 * size);
    return String.fromCharCode(...codes.slice(0, length).map((u) => 97 + Math.floor(26 * u)));
  });
  writeFileSync(texts, made.join("\n"));
}
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

const csv = join(folder, "random.csv");
const numbers = new Random(1).uniform(streams.synthetic, 0, 1000);
const lines = Array.from({ length: 100 }, (_, i) =>
  numbers.subarray(10 * i, 10 * i + 10).join(","),
);
writeFileSync(csv, `${"abcdefghij".split("").join(",")}\n${lines.join("\n")}\n`);

const elbo = (name, ...flags) => ({
  name: "elbo",
  argv: [process.execPath, `bench/elbo/${name}.mjs`, ...flags],
});
const torch = (name, ...flags) => ({
  name: "PyTorch",
  argv: [python, `bench/peers/${name}.py`, ...flags],
});
const compiled = (name, ...flags) => ({
  ...torch(name, ...flags, "--compile"),
  name: "torch.compile",
});
const js = (name, file) => ({ name, argv: [process.execPath, `bench/peers/js/${file}.mjs`] });
const cli = ["dist/main.js"];

/** Figures where less is better, unless `more`. A wall time is taken from outside. */
const rows = [
  {
    name: "mlp",
    figure: "msPerStep",
    ours: elbo("mlp-vae", ...dataFlags),
    peers: [
      torch("mlp_vae", ...dataFlags),
      compiled("mlp_vae", ...dataFlags),
      js("TensorFlow.js", "mlp_vae_tfjs"),
      js("jax-js", "mlp_vae_jax"),
    ],
  },
  {
    name: "tiny",
    figure: "msPerStep",
    ours: elbo("tiny"),
    peers: [torch("tiny"), compiled("tiny")],
  },
  {
    name: "conv",
    figure: "msPerStep",
    ours: elbo("conv-vae", ...dataFlags),
    peers: [torch("conv_vae", ...dataFlags), compiled("conv_vae", ...dataFlags)],
  },
  {
    name: "text",
    figure: "msPerStep",
    ours: elbo("text-vae", "--texts", texts),
    peers: [torch("text_vae", "--texts", texts), compiled("text_vae", "--texts", texts)],
  },
  {
    name: "encode",
    figure: "rowsPerSecond",
    more: true,
    ours: elbo("encode", ...dataFlags),
    peers: [torch("encode", ...dataFlags)],
  },
  {
    name: "process",
    figure: "wall",
    ours: {
      name: "elbo",
      argv: [
        process.execPath,
        ...cli,
        "train",
        "--no-report",
        csv,
        "--out",
        join(folder, "run"),
        "--force",
        "--method",
        "ae",
        "--network",
        "linear",
        "--latent",
        "20",
        "--code-activation",
        "relu",
        "--output",
        "sigmoid",
        "--scale",
        "none",
        "--epochs",
        "20",
        "--batch",
        "32",
        "--validation",
        "0",
        "--quiet",
      ],
    },
    peers: [
      {
        name: "PyTorch",
        argv: [python, "bench/peers/random_csv.py", csv, join(folder, "model.pt")],
      },
    ],
  },
  {
    name: "version",
    figure: "wall",
    ours: { name: "elbo --version", argv: [process.execPath, ...cli, "--version"] },
    peers: [{ name: "node -e 0", argv: [process.execPath, "-e", "0"] }],
  },
];

function run({ argv: [program, ...args] }, figure) {
  const begin = performance.now();
  const result = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  const wall = performance.now() - begin;
  if (result.status !== 0)
    return { failed: (result.stderr || String(result.error)).trim().split("\n").at(-1) };
  if (figure === "wall") return { wall };
  return JSON.parse(result.stdout.trim().split("\n").at(-1));
}

const version = execFileSync(process.execPath, [...cli, "--version"], { encoding: "utf8" }).trim();
console.log(
  `elbo ${version}, node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, data: ${data ? "MNIST" : "synthetic"}`,
);
try {
  for (const { name, figure, more, ours, peers } of rows) {
    if (flags.only && flags.only !== name) continue;
    for (const peer of peers) {
      const pairs = [];
      let failed;
      for (let i = 0; i < Number(flags.runs) && !failed; i++) {
        const pair = [run(ours, figure), run(peer, figure)];
        failed = pair.find((side) => side.failed)?.failed;
        pairs.push(pair);
      }
      if (failed) {
        console.log(`${name}: ${peer.name} left out: ${failed}`);
        continue;
      }
      const [a, b] = [0, 1].map((side) => median(pairs.map((pair) => pair[side][figure])));
      const ratio = median(
        pairs.map(([x, y]) => (more ? x[figure] / y[figure] : y[figure] / x[figure])),
      );
      const memory = pairs.every((pair) => pair[0].peakRssMiB)
        ? median(pairs.map(([x]) => x.peakBeforeMatmulMiB ?? x.peakRssMiB))
        : 0;
      const theirs = memory ? median(pairs.map(([, y]) => y.peakRssMiB ?? 0)) : 0;
      console.log(
        `${name}: ${ours.name} ${a.toPrecision(4)}, ${peer.name} ${b.toPrecision(4)} (${figure}): ${ratio.toFixed(2)} ×${memory ? `; peak ${memory.toFixed(0)} and ${theirs.toFixed(0)} MiB` : ""}`,
      );
      const share = pairs[0][0].gflopsOfLargeMatmul;
      if (share) {
        const of = (side, key) => median(pairs.map((pair) => pair[side][key] ?? 0)).toFixed(0);
        console.log(
          `  GFLOP/s of the step: ${of(0, "gflopsOfStep")} and ${of(1, "gflopsOfStep")}; of a large product: ${of(0, "gflopsOfLargeMatmul")} and ${of(1, "gflopsOfLargeMatmul")}`,
        );
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
