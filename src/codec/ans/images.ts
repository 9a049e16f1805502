// How images whose pixels are corrected by those before them are told to the kernels.
import { ElboError } from "../../base/errors.ts";
import type { Distribution, ImageShape, Warp } from "./distribution.ts";
import type { AnsExports } from "./module.ts";

/** In the kernels' order: see ./assembly/bases.ts. */
const families: readonly Distribution["family"][] = [
  "bernoulli",
  "beta-binomial",
  "categorical",
  "discretized-logistic",
  "gaussian",
];

const baseOf = (family: Distribution["family"]): number =>
  families.indexOf(family === "discretized-logistic-mixture" ? "discretized-logistic" : family);

/** Whether pixels under a likelihood can be corrected. */
export const canWarp = (family: string): boolean => baseOf(family as Distribution["family"]) >= 0;

/** Bytes of room that the kernels take for each logistic of a mixture. */
export const LOGISTIC = 24;
const BYTE_LEVELS = 256;

/** Room in the kernels' memory. */
export interface Room {
  put(array: Float32Array | Float64Array | Uint8Array): number;
  read(address: number, floats: number): Float32Array;
  room(bytes: number): number;
}

/** Makes the kernels ready for images of a shape under a distribution. */
function openImages(wasm: AnsExports, by: Distribution, shape: ImageShape, room: Room) {
  const { channels, height, width } = shape;
  const family = baseOf(by.family);
  if (family < 0) {
    throw new ElboError({
      code: "internal",
      message: `no pixels are corrected under ${by.family}`,
      hint: "Report this bug.",
    });
  }
  const given = by.parameters.map((each) => room.put(each));
  const [first = 0, second = 0, third = 0] =
    by.family === "discretized-logistic" ? [0, ...given] : given;
  const size = "components" in by ? by.components : 1;
  const levels = by.family === "bernoulli" ? 2 : "levels" in by ? by.levels : BYTE_LEVELS;
  const bytes = wasm.imagesBytes(channels, height, width);
  wasm.openImages(
    ...([channels, height, width, room.room(bytes), family, levels] as const),
    ...([first, second, third, size, room.room(LOGISTIC * size)] as const),
  );
}

const imagesIn = ({ channels, height, width }: ImageShape, values: number) =>
  values / (channels * height * width);

/** Codes n values, f64 at `symbols`. */
export function codeImages(
  wasm: AnsExports,
  by: Distribution,
  { shape, weights }: Warp,
  symbols: number,
  n: number,
  room: Room,
  decode: boolean,
): void {
  openImages(wasm, by, shape, room);
  wasm.codeImages(imagesIn(shape, n), symbols, room.put(weights), decode);
}

/** Of each pixel what a correction is fitted to. */
export interface Contexts {
  features: Float32Array;
  /** The logits where its value begins and ends under the model. */
  limits: Float32Array;
  /** Nats that it takes without a correction. */
  costs: Float32Array;
}

export function describeImages(
  wasm: AnsExports,
  by: Distribution,
  shape: ImageShape,
  symbols: Float64Array,
  room: Room,
): Contexts {
  const n = symbols.length;
  const features = n * wasm.featureCount(shape.channels);
  openImages(wasm, by, shape, room);
  const given = room.put(symbols);
  const [at, limits, costs] = [room.room(4 * features), room.room(8 * n), room.room(4 * n)];
  wasm.describeImages(imagesIn(shape, n), given, at, limits, costs);
  return {
    features: room.read(at, features),
    limits: room.read(limits, 2 * n),
    costs: room.read(costs, n),
  };
}
