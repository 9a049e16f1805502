// Corrections of images' pixels by those next to them, where they save more than they take: fitted to some of
// the images that are to be coded.
import type { ImageShape } from "./ans/distribution.ts";
import { codedGroups } from "./rows.ts";
import type { Described, DescribingJob } from "./warp/describe.ts";
import { fitWarp, mixed, natsBy } from "./warp/fit.ts";
import { shapeOf, type Warps } from "./warp/groups.ts";
import { joinPixels, type Pixels } from "./warp/pixels.ts";
import { warpBytes, warpSize, weightSizes } from "./warp/weights.ts";
import type { DoAll } from "./work.ts";

/** Rows that networks see at once, fewer of large images: features of all their pixels are held together. */
const BATCH = 64;
const HELD = 2 ** 17;
/** Of the rows, so many are looked at, evenly spread. */
const LOOKED = 1024;
/** Pixels that a correction is fitted to. */
const PIXELS = 2 ** 18;

/** One in so many batches of them tells what a correction takes. */
const TOLD = 4;

/** Characters of so many bytes in the header. */
const written = (bytes: number) => 4 * Math.ceil(bytes / 3);

const bytesOf = (nats: number) => nats / Math.LN2 / 8;

/** Where batches of at most so many of the rows begin and end, evenly spread. */
function batchesOf(rows: number, batch: number, most: number): (readonly [number, number])[] {
  const all = Math.ceil(rows / batch);
  const count = Math.min(all, Math.max(1, Math.floor(most / batch)));
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * all) / count) * batch;
    return [from, Math.min(from + batch, rows)] as const;
  });
}

/** @param job of rows that stand for all of them. */
export async function fitWarps(job: DescribingJob, doAll: DoAll): Promise<Warps> {
  const { model, columns, rows, fitted } = job;
  const images = codedGroups(model.schema, model.config, columns, fitted).flatMap((coding) => {
    const shape = shapeOf(coding.group);
    return shape ? [{ coding, shape, parts: [] as Pixels[] }] : [];
  });
  if (images.length === 0) return new Map();
  const largest = Math.max(...images.map(({ coding }) => coding.values));
  const batch = Math.max(1, Math.min(BATCH, Math.floor(HELD / largest)));
  const batches = batchesOf(rows, batch, LOOKED);
  const looked = batches.reduce((sum, [from, to]) => sum + to - from, 0);
  const tasks = batches.map(([from, to]) => {
    const wanted = Math.ceil((PIXELS * (to - from)) / looked);
    return { type: "describe", from, to, wanted } as const;
  });
  for await (const { pixels } of doAll<Described>(job, tasks)) {
    for (const [i, part] of pixels.entries()) images[i]!.parts.push(part);
  }
  const found = images.flatMap(({ coding, shape, parts }): [string, Uint8Array][] => {
    const warp = worthwhile(joinPixels(parts, rows / looked), shape);
    return warp ? [[coding.group.layout.name, warp]] : [];
  });
  return new Map(found);
}

/** What an archive holds of the correction by which these pixels take the least bytes; null: of none. */
function worthwhile(pixels: Pixels, shape: ImageShape): Uint8Array | null {
  const without = bytesOf(pixels.nats);
  // It cannot save more than there is.
  if (without < written(warpSize(shape, 1))) return null;
  const batches = mixed(pixels);
  const tensors = fitWarp(batches, shape);
  const few = batches.filter((_, i) => i % TOLD === 0);
  const share = few.reduce((sum, { counts }) => sum + counts.length, 0) / pixels.counts.length;
  let [best, least]: [Uint8Array | null, number] = [null, without];
  for (const each of weightSizes) {
    const warp = warpBytes(tensors, each);
    const bytes = written(warp.length) + bytesOf(natsBy(warp, few, shape) / share);
    if (bytes < least) [best, least] = [warp, bytes];
  }
  return best;
}
