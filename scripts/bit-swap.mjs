// What the order of coding latents costs at the start of a block: bits per dimension of a set of images, and bits
// that an empty stack makes up, in the order that a run's method has, and where all levels of its chain are popped
// first. Pixels are not corrected, so that sizes stand beside the ELBO's.
// Run by hand, after a build: node scripts/bit-swap.mjs IMAGES ROWS RUN …
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { evaluate, openData } from "elbojs";
import { Coder } from "#elbo/codec/ans/coder.js";
import { batchesOf, decodeBlock, encodeBlock } from "#elbo/codec/bits-back.js";
import {
  placedLevels,
  popRows,
  priorOf,
  pushRows,
  rowInputs,
  saltOf,
} from "#elbo/codec/block-model.js";
import { fitCodec } from "#elbo/codec/fit.js";
import { RowCodec } from "#elbo/codec/rows.js";
import { openRun } from "#elbo/tasks/run.js";
import { someRows } from "./some-rows.mjs";

const HEAD = 16;

/** The steps of a batch of rows where all levels are popped first, one after the other, and their reverse. */
function allFirst(coder, model, batch) {
  const count = batch.to - batch.from;
  const drawn = [];
  const links = placedLevels(model.networks).map(({ level, first }, l) => {
    const prior = priorOf(model, first, level.size, count);
    const salt = saltOf(batch.from, first);
    const inputs = l === 0 ? rowInputs(model, batch) : {};
    const below = () => (l === 0 ? [] : [drawn[l - 1].values]);
    const posterior = () => level.posterior(inputs, below(), count);
    const own = () => level.prior?.(drawn[l + 1].values, count);
    return { prior, salt, posterior, own, size: level.size };
  });
  return {
    encode() {
      for (const { prior, salt, posterior } of links) {
        drawn.push(coder.popPosterior(posterior(), prior, salt));
      }
      pushRows(coder, model, batch, drawn[0].values);
      for (const [l, { prior, own }] of links.entries()) {
        const by = own();
        if (by) coder.pushConditional(by, prior, drawn[l].places);
        else coder.pushPrior(drawn[l].places);
      }
    },
    decode() {
      for (const { prior, own, size } of [...links].reverse()) {
        const by = own();
        if (by) coder.popConditional(by, prior);
        else coder.popPrior(count * size, prior);
      }
      popRows(coder, model, batch, drawn[0].values);
      for (const [l, { prior, salt, posterior }] of [...links.entries()].reverse()) {
        coder.pushPosterior(posterior(), prior, salt, drawn[l].places);
      }
    },
  };
}

/** Bits of what was written, and those among them that were made up. */
function measured(coder, bytes, decode) {
  decode();
  if (!coder.isSpent) throw new Error("it does not come back");
  return { bits: 8 * bytes.length, start: 8 * (coder.finish().length - 8) };
}

function ofOrder(model, symbols, rows) {
  const coder = new Coder();
  const bytes = encodeBlock(coder, model, symbols, rows);
  return measured(coder, bytes, () => decodeBlock(coder, model, bytes, symbols, rows));
}

function ofAllFirst(model, symbols, rows) {
  const coder = new Coder();
  const most = rows * (4 * size + model.networks.latent);
  const steps = batchesOf(rows).map((batch) => allFirst(coder, model, { symbols, ...batch }));
  coder.begin(most);
  for (const { encode } of steps) encode();
  const bytes = coder.finish();
  coder.reopen(bytes, most);
  return measured(coder, bytes, () => {
    for (const { decode } of steps.reverse()) decode();
  });
}

const [path, count, ...runs] = process.argv.slice(2);
const rows = Number(count);
const file = readFileSync(path);
const whole = path.endsWith(".gz") ? gunzipSync(file) : file;
const size = whole.readUInt32BE(8) * whole.readUInt32BE(12);
const cellsOf = (from, to) => {
  const pixels = whole.subarray(HEAD + from * size, HEAD + to * size);
  return [{ type: "image", pixels }];
};
const columns = [{ name: "image", type: "image" }];
const ALONE = 100;
for (const run of runs) {
  const { config, weights } = await openRun(run);
  const { schema, model: own } = config;
  const fitted = fitCodec({ schema, config: own, weights }, columns, cellsOf(0, rows), rows);
  const codec = new RowCodec(schema, own, weights, columns, fitted);
  const { elbo } = await evaluate(
    run,
    someRows(await openData(path), (row) => row < rows),
  );
  console.log(`${run}: ${(-elbo / Math.LN2 / size).toFixed(4)} bits/dim by its ELBO`);
  const orders = { "its order": ofOrder };
  if (codec.seen(cellsOf(0, 1), 1).model.networks.upward) orders["all first"] = ofAllFirst;
  for (const [name, order] of Object.entries(orders)) {
    const at = (from, to) => {
      const { model, coded } = codec.seen(cellsOf(from, to), to - from);
      return order(model, coded, to - from);
    };
    const told = (all, images) => {
      const mean = (of) => all.reduce((sum, each) => sum + of(each), 0) / all.length;
      const bits = mean((each) => each.bits) / images / size;
      const start = Math.round(mean((each) => each.start));
      return `${bits.toFixed(4)} bits/dim, ${start} bits made up`;
    };
    console.log(`  ${name}: ${told([at(0, rows)], rows)}`);
    const alone = Array.from({ length: ALONE }, (_, i) => at(i, i + 1));
    console.log(`  ${name}, each of ${ALONE} images alone: ${told(alone, 1)}`);
  }
}
