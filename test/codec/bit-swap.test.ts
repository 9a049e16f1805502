// Bit-Swap's order beside popping all levels first: the same chain, another start.
import { describe, expect, test } from "vitest";
import { Coder, type Gaussians, type Latents } from "#elbo/codec/ans/coder.js";
import { decodeBlock, encodeBlock } from "#elbo/codec/bits-back.js";
import {
  type BlockModel,
  popRows,
  priorOf,
  pushRows,
  type RowBatch,
  rowInputs,
} from "#elbo/codec/block-model.js";
import { fitCodec } from "#elbo/codec/fit.js";
import { RowCodec } from "#elbo/codec/rows.js";
import { imagesOf } from "#elbo/data/in-memory.js";
import { Random } from "#elbo/runtime/random.js";
import { blockOf, modelOf } from "./models.ts";

/** As many as a row pushes at most. */
const SYMBOLS = 2000;

/** The reverse of popping the levels of one batch of rows first, then pushing rows and levels. */
function allFirst(coder: Coder, model: BlockModel, batch: RowBatch) {
  const count = batch.to - batch.from;
  const rows = rowInputs(model, batch);
  let end = 0;
  const links = model.networks.levels.map((level) => {
    end += level.size;
    return { level, prior: priorOf(model, end - level.size, level.size, count) };
  });
  const posteriorOf = (l: number, drawn: readonly Latents[]) =>
    links[l]!.level.posterior(
      rows,
      drawn.slice(l - 1, l).map(({ values }) => values),
      count,
    ) as Gaussians;
  const explained = (l: number, drawn: readonly Latents[]) =>
    links[l]!.level.prior!(drawn[l + 1]!.values, count);
  const drawn: Latents[] = [];
  for (const [l, { prior }] of links.entries()) {
    drawn.push(coder.popPosterior(posteriorOf(l, l === 0 ? [] : drawn), prior, l));
  }
  pushRows(coder, model, batch, drawn[0]!.values);
  for (const [l, { prior }] of links.slice(0, -1).entries()) {
    coder.pushConditional(explained(l, drawn), prior, drawn[l]!.places);
  }
  coder.pushPrior(drawn.at(-1)!.places);
  const bytes = coder.finish();
  coder.reopen(bytes, SYMBOLS);
  coder.popPrior(drawn.at(-1)!.places.length, links.at(-1)!.prior);
  for (let l = links.length - 1; l-- > 0; ) {
    coder.popConditional(explained(l, drawn), links[l]!.prior);
  }
  popRows(coder, model, batch, drawn[0]!.values);
  for (let l = links.length; l-- > 0; ) {
    const { prior } = links[l]!;
    coder.pushPosterior(posteriorOf(l, l === 0 ? [] : drawn), prior, l, drawn[l]!.places);
  }
  return bytes;
}

/** Bits that an empty stack made up, in words of 32, once all is popped: what the start cost. */
function madeUp(coder: Coder): number {
  expect(coder.isSpent).toBe(true);
  return 8 * (coder.finish().length - 8);
}

const shape = [8, 8, 3] as const;
const pixels = Uint8Array.from(new Random(2).uniform(1, 0, 8 * 8 * 3), (u) => 256 * u);

async function oneRow(levels: number) {
  const source = imagesOf(pixels, shape);
  const config = { method: "bit-swap", latent: 40, options: { levels, width: 8 } } as const;
  const given = await modelOf(source, config, { likelihood: { image: "beta-binomial" } });
  const { block, coded } = await blockOf(source);
  const { cells, rows } = block;
  const fitted = fitCodec(given, coded, cells, rows);
  const codec = new RowCodec(given.schema, given.config, given.weights, coded, fitted);
  return codec.seen(cells, rows);
}

describe.each([1, 2, 4])("%i levels", (levels) => {
  test("a stack needs the bits of one level to begin with, not of all", async () => {
    const { model, coded: symbols } = await oneRow(levels);
    const coder = new Coder();
    const bytes = encodeBlock(coder, model, symbols, 1);
    decodeBlock(coder, model, bytes, symbols, 1);
    const swapped = madeUp(coder);
    coder.begin(SYMBOLS);
    const other = allFirst(coder, model, { symbols, from: 0, to: 1 });
    const all = madeUp(coder);
    // A word of 32 bits may be made up for the last few of them.
    expect(swapped).toBeLessThanOrEqual(all / levels + 32);
    expect(all).toBeGreaterThan(500);
    if (levels === 1) expect(bytes).toEqual(other);
    else expect(bytes.length).toBeLessThan(other.length);
  });
});
