// --auto-fix: runs that are ill get a remedy, and are the better for it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixLines } from "#elbo/cli/fix-lines.js";
import { columnsOf, tableOf } from "#elbo/data/in-memory.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { openRun } from "#elbo/tasks/run.js";
import type { FixEvent } from "#elbo/train/events.js";
import { bestOf } from "#elbo/train/follow.js";
import { readEpochs } from "#elbo/train/metrics-file.js";
import { correlated, correlatedValues, trained } from "./support.ts";

const small = { network: "mlp:16", seed: 1 } as const;

async function fixed(...[data, options]: Parameters<typeof trained>) {
  const { events, out, result } = await trained(data, { ...small, autoFix: true, ...options });
  const fixes = events.filter((event): event is FixEvent => event.event === "fix");
  expect(events.filter(({ event }) => event === "done")).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ event: "done", run: out });
  return { fixes, out, result };
}

test("a posterior that a large β closed opens at the ELBO", async () => {
  const options = { epochs: 60, beta: 10, warmup: 0, learningRate: 0.005 };
  const { fixes, out } = await fixed(correlated(300, 5), options);
  const [began, ended] = fixes as [FixEvent, FixEvent];
  expect(began).toMatchObject({ code: "posterior-collapse", after: null });
  expect(ended).toMatchObject({ code: "posterior-collapse", kept: true });
  expect(ended.before.activeUnits).toBe(0);
  expect(ended.after!.activeUnits).toBeGreaterThan(0);
  expect(ended.after!.validation!.elbo!).toBeGreaterThan(ended.before.validation!.elbo!);
  expect((await openRun(out)).config.training.beta).toBe(1);
  expect((await openRun(`${out}.set-aside`)).config.training.beta).toBe(10);
});

test("both runs are compared in as many epochs, and the same seed decides alike", async () => {
  const options = { epochs: 60, beta: 10, warmup: 0, learningRate: 0.005 };
  const [first, again] = [
    await fixed(correlated(300, 5), options),
    await fixed(correlated(300, 5), options),
  ];
  expect(again.fixes).toEqual(first.fixes);
  const files = ["model.safetensors", "state.safetensors"];
  for (const of of ["", ".set-aside"]) {
    for (const file of files) {
      const bytes = ({ out }: typeof first) => readFileSync(join(`${out}${of}`, file));
      expect(bytes(again), `${of}/${file}`).toEqual(bytes(first));
    }
  }
  const { before, after, compared } = first.fixes[1]!;
  // It is found half-way, and the run ends with that epoch.
  expect(compared).toBe(30);
  expect([before.epochs, after!.epochs]).toEqual([30, 60]);
  const { validation } = bestOf((await readEpochs(first.out)).slice(0, compared!));
  expect(after!.validation).toEqual(validation);
  expect(after!.validation!.elbo).toBeLessThan(first.result.best.validation!.elbo!);
});

test("columns that have nothing in common gain nothing by a remedy, and the run as it was goes on", async () => {
  const noise = tableOf(new Random(5).normal(streams.synthetic, 0, 1600 * 4), 4);
  const { fixes, out } = await fixed(noise, { epochs: 60, warmup: 0 });
  const ended = fixes.find(({ code, after }) => code === "posterior-collapse" && after)!;
  expect(ended.kept).toBe(false);
  expect(ended.after!.validation!.elbo!).toBeLessThan(ended.before.validation!.elbo!);
  expect((await openRun(out)).config.model.kl.freeBits).toBe(0);
  expect(await readEpochs(out)).toHaveLength(60);
  expect((await openRun(`${out}.set-aside`)).config.model.kl.freeBits).toBe(0.5);
});

test("steps that were too large are made smaller", async () => {
  const { fixes, out } = await fixed(correlated(400, 5), { epochs: 20, learningRate: 0.5 });
  const last = fixes.filter(({ after, kept }) => after && kept).at(-1)!;
  expect(last.code).toBe("learning-rate-high");
  expect(last.after!.validation!.elbo!).toBeGreaterThan(last.before.validation!.elbo!);
  expect((await openRun(out)).config.training.optimizer.learningRate).toBeLessThan(0.5);
});

/** The fix of what was found so, once it has been tried, with what it gained. */
function triedOf(fixes: readonly FixEvent[], code: string) {
  const fix = fixes.find((each) => each.code === code && each.after)!;
  const elbo = ({ validation }: FixEvent["before"]) => validation!.elbo!;
  return { ...fix, gain: elbo(fix.after!) - elbo(fix.before) };
}

test("a layer of dead ReLUs gets smaller steps and ReLUs that leak", async () => {
  const options = { epochs: 12, learningRate: 30, optimizer: "sgd", clip: 1 } as const;
  const { fixes, out } = await fixed(correlated(400, 5), options);
  const { gain, ...fix } = triedOf(fixes, "layer-dead");
  expect(fix).toMatchObject({ remedy: "--lr 3 --activation leakyRelu", kept: true });
  expect(gain).toBeGreaterThan(1);
  expect((await openRun(out)).config.model.activation).toBe("leakyRelu");
});

test("steps that were too small are made larger, though another remedy came to nothing before", async () => {
  const options = { epochs: 20, learningRate: 2e-5, warmup: 0 };
  const { fixes } = await fixed(correlated(1000, 5), options);
  const tried = fixes.flatMap(({ after, code, kept }) => (after ? [[code, kept]] : []));
  expect(tried.slice(0, 2)).toEqual([
    ["latent-small", false],
    ["learning-rate-low", true],
  ]);
  const { gain, remedy } = triedOf(fixes, "learning-rate-low");
  expect(remedy).toBe("--lr 0.0001");
  expect(gain).toBeGreaterThan(0.1);
});

test("columns of any size are scaled", async () => {
  const far = tableOf(
    correlatedValues(200, 3).map((v) => 500 + 40 * v),
    3,
  );
  const { fixes, out } = await fixed(far, { epochs: 20, scale: "none" });
  const { gain, ...fix } = triedOf(fixes, "input-unscaled");
  expect(fix).toMatchObject({ remedy: "--scale standardize", kept: true });
  expect(gain).toBeGreaterThan(1);
  const { fields } = (await openRun(out)).config.schema;
  expect(fields.map((field) => "scale" in field && field.scale)).toEqual([
    ...["standardize", "standardize", "standardize"],
  ]);
});

// Steps that throw the encoder's outputs so far in the first epoch that those of the others cannot
// bring them back.
const thrown = { epochs: 20, lrSchedule: "step", lrSteps: "at:1" } as const;

test("posteriors without bounds get smaller steps", async () => {
  const options = { ...thrown, learningRate: 20, lrFactor: 1e-3, latent: 1, seed: 2 };
  const { fixes } = await fixed(correlated(200, 3), options);
  const { gain, ...fix } = triedOf(fixes, "variance-exploding");
  expect(fix).toMatchObject({ remedy: "--lr 2 --clip 1", kept: true });
  expect(gain).toBeGreaterThan(1);
});

test("posteriors that are points at the ELBO get smaller steps", async () => {
  const options = { ...thrown, learningRate: 3, lrFactor: 1e-6 };
  const { fixes } = await fixed(correlated(200, 3), options);
  const { gain, ...fix } = triedOf(fixes, "variance-vanishing");
  expect(fix).toMatchObject({ remedy: "--lr 0.3 --clip 1", kept: true });
  expect(gain).toBeGreaterThan(1);
});

test("posteriors that are points for want of a KL term get it", async () => {
  const ill = { epochs: 300, beta: 0, learningRate: 0.005, lrSchedule: "cosine" } as const;
  const { fixes, out } = await fixed(correlated(400, 5), ill);
  const { gain, ...fix } = triedOf(fixes, "variance-vanishing");
  expect(fix).toMatchObject({ remedy: "--beta 1", kept: true });
  expect(gain).toBeGreaterThan(1);
  expect((await openRun(out)).config.training.beta).toBe(1);
});

test("latents that are too few are doubled", async () => {
  const z = new Random(6).normal(streams.synthetic, 0, 1500 * 3);
  const noise = new Random(6).normal(streams.synthetic, 1, 1500 * 6);
  const values = noise.map((v, i) => 0.4 * v + z[Math.floor(i / 6) * 3 + (i % 3)]!);
  const options = { network: "mlp:32", epochs: 60, learningRate: 0.002, latent: 1 };
  const { fixes, out } = await fixed(tableOf(values, 6), options);
  const { gain, ...fix } = triedOf(fixes, "latent-small");
  expect(fix).toMatchObject({ remedy: "--latent 2", kept: true });
  expect(gain).toBeGreaterThan(0.2);
  expect((await openRun(out)).config.model.latent).toBeGreaterThan(1);
});

test("a loss that became no number is trained anew at a lower rate", async () => {
  const options = { epochs: 6, learningRate: 3, optimizer: "sgd" } as const;
  const { fixes, result } = await fixed(correlated(200, 3), options);
  const [, ended] = fixes as [FixEvent, FixEvent];
  expect(ended).toMatchObject({ code: "loss-not-finite", remedy: "--lr 0.3", kept: true });
  expect(Number.isFinite(result.best.validation!.elbo)).toBe(true);
});

test("a remedy by which the loss becomes no number is not kept", async () => {
  const options = { epochs: 20, learningRate: 0.1, optimizer: "sgd" } as const;
  const { fixes, result } = await fixed(correlated(400, 5), options);
  const ended = fixes.find(({ code, after }) => code === "learning-rate-low" && after)!;
  expect(ended).toMatchObject({ remedy: "--lr 0.5", compared: null, kept: false });
  expect(fixLines(ended)[0]).toContain("its loss became no number: the run before it is kept");
  expect(result.config.training.optimizer.learningRate).toBe(0.1);
  expect(result.epochs).toBe(20);
});

test("a column of heaps gets a likelihood that can have them", async () => {
  const random = new Random(11);
  const normal = random.normal(streams.synthetic, 0, 1500 * 2);
  const even = random.uniform(streams.synthetic, 1, 1500);
  const heap = Array.from(even, (u, i) => (u < 0.9 ? 0.5 : 3 + normal[2 * i]!));
  const data = columnsOf({ heap, a: heap.map((_, i) => normal[2 * i + 1]!) });
  const { fixes, out } = await fixed(data, { epochs: 12, kind: { heap: "real" } });
  const ended = fixes.find(({ code, after }) => code === "likelihood-misfit" && after)!;
  expect(ended).toMatchObject({ remedy: "--likelihood heap=gaussian-mixture", kept: true });
  expect(ended.after!.validation!.elbo!).toBeGreaterThan(ended.before.validation!.elbo! + 0.5);
  const { fields } = (await openRun(out)).config.schema;
  expect(fields.map((field) => "likelihood" in field && field.likelihood)).toEqual([
    ...["gaussian-mixture", "gaussian"],
  ]);
});

test("a codebook that nothing revives is revived", async () => {
  // So long that vectors nobody uses have faded: before, reviving them changes nothing.
  const options = { method: "vq-vae", latent: 16, batch: 256, epochs: 160 } as const;
  const ill = { ...options, methodOption: { revival: 0, width: 16 } };
  const { fixes, out, result } = await fixed(correlated(800, 5), ill);
  expect(fixes[1]).toMatchObject({ code: "dead-codes", kept: true });
  const alone = await trained(correlated(800, 5), { ...small, ...ill });
  expect(result.best.validation!.loss).toBeLessThan(0.9 * alone.result.best.validation!.loss);
  const { model } = (await openRun(out)).config;
  expect(model.options).toMatchObject({ revival: 0.03, width: 16 });
});

// Of these two seeds decay helps one run and not the other.
test.each([1, 2])(
  "a code's remedy is kept where its squared errors are smaller: seed %i",
  async (seed) => {
    const noise = tableOf(new Random(5).normal(streams.synthetic, 0, 300 * 6), 6);
    const options = { method: "ae", network: "mlp:256", latent: 4, epochs: 100 } as const;
    const { fixes, result } = await fixed(noise, {
      ...options,
      ...{ learningRate: 0.005, validation: 0.5, seed },
    });
    const ended = fixes.find(({ code, after }) => code === "over-fitting" && after)!;
    const [before, after] = [ended.before.validation!.loss, ended.after!.validation!.loss];
    expect(ended.kept).toBe(after < before);
    expect(result.best.validation!.loss).toBe(Math.min(before, after));
  },
);

test("latents that are not used go, where held-out rows lose nothing by it", async () => {
  const options = { epochs: 60, latent: 16, learningRate: 0.005 };
  const { fixes, out } = await fixed(correlated(400, 8), options);
  const ended = fixes.find(({ code, after }) => code === "latent-large" && after)!;
  expect(ended).toMatchObject({ remedy: "--latent 2", kept: true });
  expect((await openRun(out)).config.model.latent).toBe(2);
  expect((await openRun(`${out}.set-aside`)).config.model.latent).toBe(16);
});

test("what a run brings that training starts from is not changed", async () => {
  const data = correlated(400, 8);
  const from = (await trained(data, { ...small, epochs: 1, latent: 16 })).out;
  const { network: _, ...rest } = small;
  const { events, result } = await trained(data, {
    ...{ ...rest, from, epochs: 60, learningRate: 0.005, autoFix: true },
  });
  const codes = events.flatMap((event) => (event.event === "warning" ? [event.code] : []));
  expect(codes).toContain("latent-large");
  expect(events.filter(({ event }) => event === "fix")).toEqual([]);
  // That nothing is tried is said.
  const unfixed = events.filter((event) => event.event === "unfixed");
  expect(unfixed).toEqual([{ event: "unfixed", code: "latent-large" }]);
  expect(fixLines(unfixed[0]!)).toEqual([
    "fix: latent-large: no training anew would mend it; the hint says what you can do",
  ]);
  expect(result.config.model.latent).toBe(16);
});

test("a column that is given exactly is given to both networks, and the others count again", async () => {
  const normal = (seed: number) => Array.from(new Random(seed).normal(streams.synthetic, 0, 400));
  const x = normal(7);
  const data = columnsOf({ x, y: x.map((v) => 2 * v + 1), other: normal(8) });
  const options = { network: "linear", epochs: 120, latent: 1, condition: ["x"] };
  const { fixes, out } = await fixed(data, { ...options, learningRate: 0.01 });
  const ended = fixes.find(({ code, after }) => code === "scale-degenerate" && after)!;
  expect(ended).toMatchObject({ remedy: expect.stringContaining("--condition y"), kept: true });
  const { fields } = (await openRun(out)).config.schema;
  expect(fields.map(({ role }) => role)).toEqual(["condition", "condition", "data"]);
});

test("of a healthy run it says nothing and changes nothing", async () => {
  const options = { epochs: 40, latent: 1, learningRate: 0.01 };
  const { fixes, out } = await fixed(correlated(400, 5), options);
  expect(fixes).toEqual([]);
  expect(existsSync(`${out}.set-aside`)).toBe(false);
});
