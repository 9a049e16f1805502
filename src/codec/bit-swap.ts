// Rows whose levels of latents are a chain from the row up, in Bit-Swap's order (Kingma, Abbeel and Ho 2019,
// Bit-Swap, algorithm 1): a level is popped, then what it explains is pushed, the row by the lowest and each
// level by the one above. So a level is drawn from the bits of what was pushed just before it, and an empty stack
// has to make up those of one level alone.
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
import type { Inputs, Level } from "./networks.ts";

/** A level among the latents of rows. */
interface Link {
  level: Level;
  /** Its first latent. */
  first: number;
  /** Where its places are. */
  prior: Gaussians | null;
}

const linksOf = (model: BlockModel, count: number): Link[] =>
  placedLevels(model.networks).map(({ level, first }) => ({
    ...{ level, first },
    prior: priorOf(model, first, level.size, count),
  }));

/** Of a level, by the row on the lowest and else by the level below. */
const posteriorOf = ({ level }: Link, rows: Inputs, below: Latents | undefined, count: number) =>
  level.posterior(rows, below ? [below.values] : [], count) as Gaussians;

const popLevel = (
  coder: Coder,
  link: Link,
  rows: Inputs,
  below: Latents | undefined,
  { from, to }: RowBatch,
) =>
  coder.popPosterior(
    posteriorOf(link, rows, below, to - from),
    link.prior,
    saltOf(from, link.first),
  );

/** Draws latents of rows as the decoder takes them, those of the lowest level. */
export function drawLowest(coder: Coder, model: BlockModel, batch: RowBatch): Float32Array {
  const [lowest] = linksOf(model, batch.to - batch.from) as [Link];
  return popLevel(coder, lowest, rowInputs(model, batch), undefined, batch).values;
}

export function encodeUp(coder: Coder, model: BlockModel, batch: RowBatch): void {
  const count = batch.to - batch.from;
  const rows = rowInputs(model, batch);
  let below: { link: Link; latents: Latents } | undefined;
  for (const link of linksOf(model, count)) {
    const latents = popLevel(coder, link, rows, below?.latents, batch);
    if (below) {
      const by = below.link.level.prior!(latents.values, count);
      coder.pushConditional(by, below.link.prior, below.latents.places);
    } else pushRows(coder, model, batch, latents.values);
    below = { link, latents };
  }
  coder.pushPrior(below!.latents.places);
}

/** The reverse, which fills the rows' symbols in. */
export function decodeUp(coder: Coder, model: BlockModel, batch: RowBatch): void {
  const { from, to } = batch;
  const count = to - from;
  const links = linksOf(model, count);
  const top = links.at(-1)!;
  let latents = coder.popPrior(count * top.level.size, top.prior);
  for (let l = links.length; l-- > 0; ) {
    const [link, lower] = [links[l]!, links[l - 1]];
    let below: Latents | undefined;
    if (lower) {
      below = coder.popConditional(lower.level.prior!(latents.values, count), lower.prior);
    } else popRows(coder, model, batch, latents.values);
    const rows = lower ? {} : rowInputs(model, batch);
    const posterior = posteriorOf(link, rows, below, count);
    coder.pushPosterior(posterior, link.prior, saltOf(from, link.first), latents.places);
    if (below) latents = below;
  }
}
