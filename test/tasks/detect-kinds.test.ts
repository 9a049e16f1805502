// Detection with models that were trained: of every kind of field, and by methods of every sort.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf, imagesOf, type MemoryValues } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { type Detection, detect } from "#elbo/tasks/detect/detect.js";
import type { DetectOptions } from "#elbo/tasks/detect/judge.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { mixedColumns, mixedSource } from "./mixed-table.ts";

const threads = 1;

async function trained(source: DataSource, options: TrainOptions = {}, folder = testFolder()) {
  const out = join(folder, "run");
  await train(source, { threads, epochs: 2, latent: 2, network: "mlp:16", out, ...options });
  return out;
}

async function noted(run: string, source: DataSource, options: DetectOptions = {}) {
  const notes: { code: string; message: string }[] = [];
  const found = await detect(run, source, {
    threads,
    ...options,
    onNotes: (n) => notes.push(...n),
  });
  return { ...found, notes };
}

/** The ROC-AUC of rows that should score higher than others. */
function auc(normal: ArrayLike<number>, strange: ArrayLike<number>): number {
  let higher = 0;
  for (const s of Array.from(strange)) for (const n of Array.from(normal)) higher += +(s > n);
  return higher / normal.length / strange.length;
}

function reordered(
  columns: Readonly<Record<string, readonly unknown[]>>,
  order: readonly number[],
): DataSource {
  const part = Object.entries(columns).map(([name, values]): [string, MemoryValues] => {
    return [name, order.map((row) => values[row]) as MemoryValues];
  });
  return columnsOf(Object.fromEntries(part));
}

describe("a table of numbers, counts, levels, truths and times, with gaps", () => {
  const folder = sharedFolder();
  const rows = 1500;
  let run: string;
  let normal: Detection;
  const fresh = mixedColumns(400, 2);

  test("is learned and judged", async () => {
    run = await trained(mixedSource(mixedColumns(rows)), { epochs: 30, network: "mlp:64" }, folder);
    const { notes, ...found } = await noted(run, mixedSource(fresh), { explain: true });
    normal = found;
    expect(notes).toEqual([]);
    expect(found.because!.fields).toContain("city");
    for (const value of [...found.scores, ...found.negElbo!, ...found.because!.nats]) {
      expect(Number.isFinite(value)).toBe(true);
    }
  });

  test("rows of which one column is another row's are told, with their column and a repair", async () => {
    // Visits follow from the same hidden number as all else: 60 more or less is a value that others have.
    const visits = fresh.visits.map((value) => (value + 35) % 60);
    const { scores, because, repairs, alarm } = await noted(
      run,
      mixedSource({ ...fresh, visits }),
      {
        explain: true,
        alarmRate: 0.05,
      },
    );
    expect(auc(normal.scores, scores)).toBeGreaterThan(0.95);
    const { fields, nats } = because!;
    const place = fields.indexOf("visits");
    const own = (of: Float64Array) => of.filter((_, i) => i % fields.length === place);
    expect(auc(own(normal.because!.nats), own(nats))).toBeGreaterThan(0.95);
    const told = repairs!.flatMap((repair, i) => {
      const [name, value] = repair?.split(" = ") ?? [];
      return name === "visits" ? [Math.abs(Number(value) - fresh.visits[i]!)] : [];
    });
    expect(alarm.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(200);
    expect(told.length).toBeGreaterThan(20);
    // 35 visits away before; the values were made with a deviation of 1.
    expect(told.sort((a, b) => a - b)[Math.floor(told.length / 2)]!).toBeLessThan(10);
  });

  test("values that a kind cannot have make rows stranger, and are no error", async () => {
    const visits = fresh.visits.map((value, i) => (i < 200 ? -value - 100 : value + 0.5));
    const income = fresh.income.map((value, i) => (i === 399 ? -5 : value));
    const { scores, notes } = await noted(run, mixedSource({ ...fresh, visits, income }));
    const of = (from: number, to: number) => scores.subarray(from, to);
    expect(auc(normal.scores, of(0, 200))).toBeGreaterThan(0.99);
    expect(Math.abs(auc(normal.scores, of(200, 399)) - 0.5)).toBeLessThan(0.2);
    const codes = notes.map(({ code }) => code);
    expect(codes.filter((code) => code === "value-beyond")).toHaveLength(2);
    expect(notes.find(({ message }) => message.includes("visits"))!.message).toContain("400 cells");
  });
});

describe.each([
  ...["vae", "beta-tcvae", "iwae", "vamp-vae", "mixture-vae", "hyperspherical", "flow-vae"],
  ...["ladder-vae", "bit-swap", "ae", "topk", "vq-vae", "fsq", "wae-mmd"],
] as const)("%s", (method) => {
  test("tells the same of a row wherever it stands", async () => {
    // Of five levels softmaxes have six places: sums over them began wherever in a register.
    const grade = Array.from({ length: 240 }, (_, i) => "abcde"[(i * 7) % 5]!);
    const columns = { ...mixedColumns(240), grade };
    const every = Array.from({ length: 240 }, (_, i) => i);
    const order = every.map((i) => (i * 77 + 5) % 240);
    const run = await trained(reordered(columns, every), { method, epochs: 1 });
    const whole = await noted(run, reordered(columns, every));
    const part = await noted(run, reordered(columns, order));
    expect([...part.scores]).toEqual(order.map((row) => whole.scores[row]));
    expect(part.negElbo && [...part.negElbo]).toEqual(
      whole.negElbo && order.map((row) => whole.negElbo![row]),
    );
    expect(new Set(whole.scores).size).toBeGreaterThan(200);
  });
});

/** A sparse matrix of counts, a file as single cells come in: half of the genes are another's. */
function countsFile(folder: string, name: string, seed: number, shuffled: boolean): string {
  const [rows, genes] = [300, 12];
  const draws = new Random(seed).uniform(streams.synthetic, 0, rows * (genes + 1));
  const lines: string[] = [];
  for (let i = 0; i < rows; i++) {
    const kind = draws[i * (genes + 1)]! < 0.5 ? 0 : 1;
    for (let j = 0; j < genes; j++) {
      const high = (shuffled && j < genes / 2 ? 1 - kind : kind) === j % 2;
      const count = Math.floor((high ? 40 : 3) * draws[i * (genes + 1) + 1 + j]!);
      if (count > 0) lines.push(`${i + 1} ${j + 1} ${count}`);
    }
  }
  const path = join(folder, name);
  const head = `%%MatrixMarket matrix coordinate integer general\n${rows} ${genes} ${lines.length}`;
  writeFileSync(path, `${head}\n${lines.join("\n")}\n`);
  return path;
}

test("vectors of counts are judged, sparse as they come", async () => {
  const folder = testFolder();
  const [learned, usual, odd] = [
    countsFile(folder, "a.mtx", 1, false),
    countsFile(folder, "b.mtx", 2, false),
    countsFile(folder, "c.mtx", 3, true),
  ];
  const out = join(folder, "run");
  await train(learned, { threads, epochs: 60, latent: 2, network: "mlp:32", out });
  const normal = await detect(out, usual, { threads });
  const strange = await detect(out, odd, { threads });
  expect(auc(normal.scores, strange.scores)).toBeGreaterThan(0.95);
});

test("images and texts are judged", async () => {
  const random = new Random(4);
  const rows = 300;
  const size = 36;
  // A bright bar in a place of its own; strange ones stand upright.
  const picture = (row: number, upright: boolean) => {
    const at = Math.floor(6 * random.uniform(streams.synthetic, row, 1)[0]!);
    return Float32Array.from({ length: size }, (_, i) => {
      return (upright ? i % 6 : Math.floor(i / 6)) === at ? 1 : 0;
    });
  };
  const imagesFor = (upright: boolean, from: number) =>
    imagesOf(
      Float32Array.from(
        Array.from({ length: rows }, (_, i) => [...picture(from + i, upright)]).flat(),
      ),
      [6, 6, 1],
    );
  const images = await trained(imagesFor(false, 0), { epochs: 30, network: "mlp:64" });
  const seen = await noted(images, imagesFor(false, 1000));
  const strange = await noted(images, imagesFor(true, 2000), { explain: true });
  expect(auc(seen.scores, strange.scores)).toBeGreaterThan(0.99);
  expect(strange.repairs!.every((repair) => repair === null)).toBe(true);

  const words = ["red fox", "blue cat", "green dog", "old tree"];
  const texts = (letters: readonly string[]) =>
    columnsOf({
      t: Array.from({ length: rows }, (_, i) => `${letters[i % 4]} ${letters[(i * 7 + 3) % 4]}`),
    });
  const text = await trained(texts(words), {
    kind: { t: "text" },
    epochs: 10,
    network: "conv:16/16",
  });
  const usual = await noted(text, texts(words));
  const odd = await noted(text, texts(words.map((word) => [...word].reverse().join(""))));
  expect(auc(usual.scores, odd.scores)).toBeGreaterThan(0.95);
}, 60_000);

test("a column that never varied makes rows stranger where it does", async () => {
  const columns = { ...mixedColumns(300), valve: new Array<number>(300).fill(2.5) };
  const every = Array.from({ length: 300 }, (_, i) => i);
  const run = await trained(reordered(columns, every));
  const normal = await noted(run, reordered(columns, every));
  expect(normal.notes.map(({ code }) => code)).not.toContain("constant-changed");
  const valve = columns.valve.map((value, i) => (i < 30 ? 2.6 : value));
  const { scores, notes } = await noted(run, reordered({ ...columns, valve }, every));
  for (const [i, score] of scores.entries()) {
    if (i < 30) expect(score).toBeGreaterThan(normal.scores[i]!);
    else expect(score).toBe(normal.scores[i]);
  }
  const changed = notes.find(({ code }) => code === "constant-changed");
  expect(changed!.message).toContain('"valve": 30 cells with other values than 2.5');
});

test("a run that held out few rows is calibrated on those that it learned, and says so", async () => {
  const columns = mixedColumns(60);
  const run = await trained(mixedSource(columns), { validation: 0 });
  const { notes, calibrationRows } = await noted(run, mixedSource(columns));
  expect(notes.map(({ code }) => code)).toContain("calibration-trained");
  expect(calibrationRows).toBe(60);
});
