// What autoencoders ask of codes, and how they round them, against their formulas.
import { expect, test } from "vitest";
import { noiseInput } from "#elbo/fields/layout.js";
import { evaluate, type Feeds } from "../../oracle/index.ts";
import { expectNear, latent, make, meanOf, row, sum } from "./made.ts";

test("contractive and RAE-GP: squared norms of Jacobians, exact of linear networks", () => {
  const linear = { network: { kind: "mlp", hidden: [] } } as const;
  const norms = (
    weights: readonly number[],
    noise: readonly number[],
    inputs: number,
    outputs: number,
  ) =>
    [0, 1, 2, 3, 4].map((i) =>
      sum(
        Array.from({ length: inputs }, (_, n) => {
          const along = Array.from(
            { length: outputs },
            (__, m) => weights[n * outputs + m]! * noise[i * outputs + m]!,
          );
          return sum(along) ** 2;
        }),
      ),
    );
  const code = make("contractive", { lambda: 0.5 }, linear);
  const noise = [...code.feeds[noiseInput("normal")]!.data];
  const expected = norms([...code.feeds["encoder.code.weight"]!.data], noise, 3, latent);
  const [loss, reconstruction] = code.of(code.terms.loss, code.terms.reconstruction);
  expectNear(
    loss!,
    expected.map((norm, i) => reconstruction![i]! + 0.5 * norm),
  );
  const rae = make("rae", { regularizer: "gradient-penalty", lambda: 2, beta: 0 }, linear);
  const decoder = [...rae.feeds["decoder.output.weight"]!.data];
  const ofDecoder = norms(decoder, [...rae.feeds[noiseInput("normal")]!.data], latent, 3);
  const [total, squared] = rae.of(rae.terms.loss, rae.terms.reconstruction);
  expectNear(
    total!,
    ofDecoder.map((norm, i) => squared![i]! + 2 * norm),
  );
});

test("RAE-SN: its assignments lead to weights of norm 1", () => {
  const first = make("rae", { regularizer: "spectral-norm" });
  let feeds = first.feeds;
  const names = first.graph.assignments.map(
    ({ parameter }) => parameter.attributes["name"] as string,
  );
  for (let step = 0; step < 200; step++) {
    const changes = evaluate(
      first.graph.assignments.map(({ change }) => change),
      feeds,
      5,
    );
    const moved = names.map((name, i): [string, Feeds[string]] => [
      name,
      { shape: [], data: [...feeds[name]!.data].map((u, j) => u - changes[i]!.data[j]!) },
    ]);
    feeds = { ...feeds, ...Object.fromEntries(moved) };
  }
  // The decoder's first layer, (4, 4): its largest singular value by many steps of its own.
  const name = "decoder.dense0.weight";
  const w = [...feeds[name]!.data];
  let v = [1, 0.5, 0.25, 0.125];
  let norm = 0;
  for (let step = 0; step < 2000; step++) {
    const u = [0, 1, 2, 3].map((i) => sum(v.map((x, j) => w[i * 4 + j]! * x)));
    const next = [0, 1, 2, 3].map((j) => sum(u.map((x, i) => w[i * 4 + j]! * x)));
    norm = Math.sqrt(Math.sqrt(sum(next.map((x) => x * x))));
    v = next.map((x) => x / norm ** 2);
  }
  const u = [...feeds[`${name}.u`]!.data];
  const along = [0, 1, 2, 3].map((j) => sum(u.map((x, i) => w[i * 4 + j]! * x)));
  expectNear([Math.sqrt(sum(along.map((x) => x * x)))], [norm], 1e-5);
});

test("sparse: absolute values, and mean activations away from a rate", () => {
  const l1 = make("sparse", { lambda: 0.5 });
  const [loss, reconstruction, code] = l1.of(l1.terms.loss, l1.terms.reconstruction, l1.terms.mean);
  const absolute = [0, 1, 2, 3, 4].map((i) => sum(row(code!, i, latent).map(Math.abs)));
  expectNear(
    loss!,
    absolute.map((size, i) => reconstruction![i]! + 0.5 * size),
  );
  const kl = make("sparse", { penalty: "kl", lambda: 2, rate: 0.1 });
  const [active, penalty] = kl.of(kl.terms.mean, kl.terms.batchLoss!);
  const rates = [0, 1, 2, 3].map((j) =>
    meanOf([0, 1, 2, 3, 4].map((i) => active![i * latent + j]!)),
  );
  const divergences = rates.map((q) => 0.1 * Math.log(0.1 / q) + 0.9 * Math.log(0.9 / (1 - q)));
  expectNear(penalty!, [2 * sum(divergences)]);
});

test("k-sparse: the k largest stay, and use fades until a value is dead", () => {
  const made = make("topk", { k: 2, patience: 10 });
  const [code] = made.of(made.terms.mean);
  for (let i = 0; i < 5; i++) {
    expect(row(code!, i, latent).filter((value) => value > 0).length).toBeLessThanOrEqual(2);
  }
  const used = [0, 1, 2, 3].map((j) => [0, 1, 2, 3, 4].some((i) => code![i * latent + j]! > 0));
  const start = { "encoder.use": { shape: [], data: [0.5, 0.5, 0.5, 0.5] } };
  const [change] = evaluate([made.graph.assignments[0]!.change], { ...made.feeds, ...start }, 5);
  const next = [...change!.data].map((taken) => 0.5 - taken);
  expectNear(
    next,
    used.map((is) => (is ? 1 : 0.5 * Math.exp(-0.1))),
  );
  expect(used).toContain(true);
});

test.each([2, 3, 8])("FSQ: %s values for each latent, the same in steps", (levels) => {
  const made = make("fsq", { levels }, { rows: 400 });
  const [code] = made.of(made.terms.mean);
  const step = 1 / Math.floor(levels / 2);
  for (const value of code!) {
    expect(Math.abs(value / step - Math.round(value / step))).toBeLessThan(1e-9);
    expect(Math.abs(value)).toBeLessThanOrEqual(1);
  }
  expect(new Set(code!.map((value) => Math.round(value / step))).size).toBeLessThanOrEqual(levels);
  // As many even values as have the entropy of those that the rows use, the mean over latents.
  const used = Array.from({ length: latent }, (_, j) => {
    const own = Array.from({ length: 400 }, (__, i) => code![i * latent + j]!);
    const shares = [...new Set(own)].map((value) => own.filter((v) => v === value).length / 400);
    return Math.exp(-sum(shares.map((share) => share * Math.log(share))));
  });
  const [metric] = made.of(made.terms.metrics!["valuesInUse"]!);
  expect(metric![0]).toBeCloseTo(meanOf(used), 6);
});

test("VQ-VAE: pieces are the nearest vectors; the book and its use follow, and one is revived", () => {
  const options = { codes: 6, width: 2, decay: 0.75, revival: 0.9 };
  const made = make("vq-vae", options);
  const book = [...made.feeds["encoder.codebook"]!.data];
  const use = [0.3, 0.05, 0.2, 0.15, 0.2, 0.1];
  const feeds = { ...made.feeds, "encoder.codebook.use": { shape: [], data: use } };
  const plain = make("ae", {}, { feeds: made.feeds });
  const z = plain.of(plain.terms.mean)[0]!;
  const [quantized] = made.of(made.terms.mean);
  const pieces = Array.from({ length: 10 }, (_, p) => row(z, p, 2));
  const far = (piece: number[], code: number) =>
    sum(piece.map((value, d) => (value - book[code * 2 + d]!) ** 2));
  const chosen = pieces.map((piece) => {
    const distances = [0, 1, 2, 3, 4, 5].map((code) => far(piece, code));
    return distances.indexOf(Math.min(...distances));
  });
  expectNear(
    quantized!,
    chosen.flatMap((code) => row(book, code, 2)),
  );
  const nextUse = use.map((u, k) => 0.75 * u + 0.25 * (chosen.filter((c) => c === k).length / 10));
  const nextBook = use.map((_, k) => {
    const mine = pieces.filter((__, p) => chosen[p] === k);
    if (mine.length === 0) return row(book, k, 2);
    const share = (0.25 * mine.length) / 10 / nextUse[k]!;
    return [0, 1].map(
      (d) => book[k * 2 + d]! + share * (meanOf(mine.map((m) => m[d]!)) - book[k * 2 + d]!),
    );
  });
  // The least used is moved to the piece that was approximated worst.
  const least = nextUse.indexOf(Math.min(...nextUse));
  const errors = pieces.map((piece, p) => far(piece, chosen[p]!));
  nextBook[least] = pieces[errors.indexOf(Math.max(...errors))]!;
  nextUse[least] = 1 / 6;
  const [toBook, toUse] = evaluate(
    made.graph.assignments.map(({ change }) => change),
    feeds,
    5,
  );
  expectNear(
    book.map((value, i) => value - toBook!.data[i]!),
    nextBook.flat(),
  );
  expectNear(
    use.map((value, i) => value - toUse!.data[i]!),
    nextUse,
  );
});
