// Rows whose levels of latents are drawn from the top down, each given those above it, or all at once: all are
// popped before the row is pushed.
import type { Coder, Gaussians, Latents } from "./ans/coder.ts";
import {
  type BlockModel,
  placedLevels,
  popRows,
  priorOf,
  pushRows,
  type RowBatch,
  rowInputs,
  saltOf,
} from "./block-model.ts";
import type { Networks } from "./networks.ts";

/** The levels, the one that is drawn first at the front. */
const fromTop = (networks: Networks) => placedLevels(networks).reverse();

/** Latents of all levels, row by row; the level that was drawn last comes first in a row. */
function joinLatents(drawn: readonly Latents[], rows: number): Float32Array {
  const [only] = drawn;
  if (drawn.length === 1 && only) return only.values;
  const bottomUp = [...drawn].reverse();
  const sizes = bottomUp.map(({ values }) => values.length / rows);
  const latent = sizes.reduce((sum, size) => sum + size, 0);
  const all = new Float32Array(rows * latent);
  for (let row = 0; row < rows; row++) {
    let at = row * latent;
    for (const [l, { values }] of bottomUp.entries()) {
      all.set(values.subarray(row * sizes[l]!, (row + 1) * sizes[l]!), at);
      at += sizes[l]!;
    }
  }
  return all;
}

/** What was drawn, the level above next to the one that is asked for at the front. */
const above = (drawn: readonly Latents[]) => drawn.map(({ values }) => values).reverse();

/** Draws the latents of rows, those of the top level first, by popping them. */
function drawLatents(coder: Coder, model: BlockModel, batch: RowBatch): Latents[] {
  const { from, to } = batch;
  const count = to - from;
  const inputs = rowInputs(model, batch);
  const drawn: Latents[] = [];
  for (const { level, first } of fromTop(model.networks)) {
    const prior = priorOf(model, first, level.size, count);
    const posterior = level.posterior(inputs, above(drawn), count);
    drawn.push(
      posterior.deviation
        ? coder.popPosterior(posterior as Gaussians, prior, saltOf(from, first))
        : coder.nearest(posterior.mean, prior),
    );
  }
  return drawn;
}

/** The same, as the decoder takes them. */
export const drawDown = (coder: Coder, model: BlockModel, batch: RowBatch) =>
  joinLatents(drawLatents(coder, model, batch), batch.to - batch.from);

export function encodeDown(coder: Coder, model: BlockModel, batch: RowBatch): void {
  const drawn = drawLatents(coder, model, batch);
  pushRows(coder, model, batch, joinLatents(drawn, batch.to - batch.from));
  for (const { places } of [...drawn].reverse()) coder.pushPrior(places);
}

/** The reverse, which fills the rows' symbols in. */
export function decodeDown(coder: Coder, model: BlockModel, batch: RowBatch): void {
  const { from, to } = batch;
  const count = to - from;
  const levels = fromTop(model.networks).map(({ level, first }) => {
    const prior = priorOf(model, first, level.size, count);
    return { level, first, prior, latents: coder.popPrior(count * level.size, prior) };
  });
  const drawn = levels.map(({ latents }) => latents);
  popRows(coder, model, batch, joinLatents(drawn, count));
  const inputs = rowInputs(model, batch);
  for (let l = levels.length; l-- > 0; ) {
    const { level, first, prior, latents } = levels[l]!;
    const posterior = level.posterior(inputs, above(drawn.slice(0, l)), count);
    if (posterior.deviation) {
      coder.pushPosterior(posterior as Gaussians, prior, saltOf(from, first), latents.places);
    }
  }
}
