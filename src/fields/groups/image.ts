// Groups of one image field: pixels from 0 to 1 in, one likelihood for all pixels out.
import { log } from "../../base/exact-math.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { bernoulli, bernoulliLogLikelihood } from "../../prob/bernoulli.ts";
import { betaBinomial } from "../../prob/beta-binomial.ts";
import { categorical } from "../../prob/categorical.ts";
import { continuousBernoulli } from "../../prob/continuous-bernoulli.ts";
import { discretizedLogistic } from "../../prob/discretized-logistic.ts";
import { discretizedLogisticMixture } from "../../prob/discretized-logistic-mixture.ts";
import { gaussian } from "../../prob/gaussian.ts";
import type { Likelihood } from "../../prob/likelihood.ts";
import type { ColumnValues } from "../columns.ts";
import type { ImageField } from "../field.ts";
import type { GroupLayout } from "../layout.ts";
import { logitOfMean, meanImage } from "../mean-image.ts";
import { pixelFloor } from "./columns.ts";
import { learnedBy } from "./family.ts";
import type { Group, GroupOptions, Picture, Raw } from "./group.ts";

const LEVELS = 256;
/**
 * The least log(α + β) of a beta-binomial: nearly all mass is at black and white. Far below, α and β
 * would both meet the family's bounds, and be equal there whatever the mean.
 */
const SCATTERED = -4;
/**
 * The surest logit of a beta-binomial's mean, reached smoothly: with a slope that stayed, pixels that are
 * always black would be driven to any weights.
 */
const SURE = 10;
/** Logistics of a mixture: for black, for white, and for the greys between them. */
const MIXTURE = 3;

/** `(batch, H·W·C)` to `(batch, C·H·W)`. */
function channelsFirst(x: Tensor, { height, width, channels }: ImageField): Tensor {
  if (channels === 1) return x;
  const pixels = height * width;
  return x
    .reshape([x.shape[0]!, pixels, channels])
    .transpose([0, 2, 1])
    .reshape([x.shape[0]!, pixels * channels]);
}

/** Values channel by channel, of rows of images, as pixels of the field's sort, channels last. */
function pixelColumns(field: ImageField, toRaw: (value: number) => number) {
  const { height, width, channels, bytes } = field;
  const pixels = height * width;
  return (values: Float32Array, rows: number): ColumnValues[] => {
    const size = pixels * channels;
    const out = bytes ? new Uint8ClampedArray(rows * size) : new Float32Array(rows * size);
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < pixels; p++) {
          out[i * size + p * channels + c] = toRaw(values[i * size + c * pixels + p]!);
        }
      }
    }
    const raw = out instanceof Float32Array ? out : new Uint8Array(out.buffer);
    return [{ type: "image", values: raw }];
  };
}

/** Likelihoods of levels, from 0 to 255. */
const ofBytes: ReadonlySet<string> = new Set([
  "discretized-logistic",
  "discretized-logistic-mixture",
  "beta-binomial",
  "categorical",
]);

/** From the scale of a field's likelihood to pixels 0 … 1. */
export function pixelUnit({ likelihood }: ImageField): number {
  return ofBytes.has(likelihood) ? 1 / (LEVELS - 1) : 1;
}

/** The first numbers emitted for a pixel that give it this mean, from 0 to 1; null: none do alone. */
function emittedAt(field: ImageField, sigmoid: boolean): ((mean: number) => number[]) | null {
  switch (field.likelihood) {
    case "bernoulli":
    case "continuous-bernoulli":
    case "beta-binomial":
      return (mean) => [logitOfMean(mean)];
    case "gaussian":
    case "squared-error":
      return (mean) => [sigmoid ? logitOfMean(mean) : mean];
    case "discretized-logistic":
      return (mean) => [2 * mean - 1];
    case "discretized-logistic-mixture":
      // The darkest component against each of the others.
      return (mean) => [0, ...new Array<number>(MIXTURE - 1).fill(logitOfMean(mean))];
    case "categorical":
      return null;
    default:
      return field.likelihood satisfies never;
  }
}

/**
 * Emitted numbers, moved so that a network that emits 0 gives the mean image. Without, the first steps
 * all push the same way, towards the many dark pixels, and saturate the decoder's last layer.
 */
function fromMean(field: ImageField, sigmoid: boolean, each: number): (outputs: Tensor) => Tensor {
  const mean = meanImage(field);
  const emitted = emittedAt(field, sigmoid);
  if (!mean || !emitted) return (outputs) => outputs;
  const pixels = field.height * field.width;
  const start = new Float32Array(mean.length * each);
  for (const [i, value] of mean.entries()) {
    const channel = Math.floor(i / pixels);
    for (const [k, number] of emitted(value).entries()) {
      start[(channel * each + k) * pixels + (i % pixels)] = number;
    }
  }
  return (outputs) => outputs.add(constant(start));
}

interface Pixels {
  family: Likelihood | null;
  emitted: number;
  /** The likelihood's x, from pixels 0 to 1 or from the raw ones, both channel by channel. */
  value(unit: Tensor, raw: Tensor): Tensor;
  parameters(parameters: Parameters, outputs: Tensor): Tensor[];
  /** Whether densities are of pixels from 0 to 1, and not of raw ones. */
  density: boolean;
}

function pixelsOf(layout: GroupLayout, field: ImageField, squash: (x: Tensor) => Tensor): Pixels {
  const { channels, height, width } = field;
  const pixels = height * width;
  /** Of outputs channel by channel, in each number by number: `(batch, values, each)`. */
  const byPixel = (outputs: Tensor, each: number): Tensor =>
    outputs
      .reshape([outputs.shape[0]!, channels, each, pixels])
      .transpose([0, 1, 3, 2])
      .reshape([outputs.shape[0]!, channels * pixels, each]);
  const two = (outputs: Tensor): Tensor[] =>
    outputs
      .reshape([outputs.shape[0]!, channels, 2 * pixels])
      .split(2, [pixels, pixels])
      .map((part) => part.reshape([outputs.shape[0]!, channels * pixels]));
  const onUnit = { emitted: 1, value: (unit: Tensor) => unit };
  const onBytes = { emitted: 1, value: (_: Tensor, raw: Tensor) => raw };
  switch (field.likelihood) {
    case "bernoulli":
      return { ...onUnit, family: bernoulli, parameters: (_, x) => [x], density: false };
    case "continuous-bernoulli":
      return { ...onUnit, family: continuousBernoulli, parameters: (_, x) => [x], density: true };
    case "gaussian": {
      const floor = pixelFloor(field);
      return {
        ...onUnit,
        family: gaussian,
        parameters(p, x) {
          const learned = learnedBy(p, layout.name, { scale: [0], floor: [floor] });
          return [squash(x), learned.logScale()];
        },
        density: true,
      };
    }
    case "discretized-logistic":
      return {
        ...onBytes,
        family: discretizedLogistic(LEVELS),
        emitted: 2,
        parameters(_, x) {
          const [location, logScale] = two(x);
          return [location!, logScale!.sub(2)];
        },
        density: false,
      };
    case "discretized-logistic-mixture":
      return {
        ...onBytes,
        family: discretizedLogisticMixture(LEVELS, MIXTURE),
        emitted: 3 * MIXTURE,
        parameters(_, x) {
          const parts = byPixel(x, 3 * MIXTURE).split(2, [MIXTURE, MIXTURE, MIXTURE]);
          const [logits, locations, logScales] = parts as [Tensor, Tensor, Tensor];
          return [logits, locations.add(constant([-1, 0, 1])), logScales.sub(2)];
        },
        density: false,
      };
    case "beta-binomial":
      return {
        ...onBytes,
        family: betaBinomial(LEVELS - 1),
        emitted: 2,
        // By the mean and log(α + β), which move one at a time.
        parameters(_, x) {
          const [raw, free] = two(x);
          const logit = raw!
            .mul(1 / SURE)
            .tanh()
            .mul(SURE);
          const logConcentration = free!.sub(SCATTERED).softplus().add(SCATTERED);
          return [
            logit.logSigmoid().add(logConcentration),
            logit.neg().logSigmoid().add(logConcentration),
          ];
        },
        density: false,
      };
    case "categorical":
      return {
        ...onBytes,
        value: (_, raw) => raw.cast("int32"),
        family: categorical(LEVELS),
        emitted: LEVELS,
        parameters: (_, x) => [byPixel(x, LEVELS)],
        density: false,
      };
    case "squared-error":
      return { ...onUnit, family: null, parameters: (_, x) => [squash(x)], density: false };
    default:
      return field.likelihood satisfies never;
  }
}

export function imageGroup(layout: GroupLayout, { output, drawn }: GroupOptions): Group {
  const [field] = layout.fields as [ImageField];
  const { height, width, channels, binarize, bytes, low, high } = field;
  const size = height * width * channels;
  const picture: Picture = [channels, height, width];
  const squash = (x: Tensor) => (output === "sigmoid" ? x.sigmoid() : x);
  const pixels = pixelsOf(layout, field, squash);
  const moved = fromMean(field, output === "sigmoid", pixels.emitted);
  const { family } = pixels;
  const unit = pixelUnit(field);
  const bits = drawn && binarize === "dynamic";
  const range = bytes ? LEVELS - 1 : high - low;
  const logJacobian = pixels.density ? -size * log(range) : 0;

  /** Pixels as they are, and from 0 to 1; `(batch, C·H·W)`. */
  function seen({ rows }: Raw): { raw: Tensor; unit: Tensor } {
    const raw = channelsFirst(rows.cast("float32"), field);
    if (bits) return { raw, unit: raw };
    if (binarize === "threshold") {
      const bits = raw.greater((low + high) / 2).cast("float32");
      return { raw: bits, unit: bits };
    }
    return { raw, unit: low === 0 ? raw.mul(1 / range) : raw.sub(low).mul(1 / range) };
  }
  function prediction(parameters: Parameters, outputs: Tensor): Tensor {
    const given = pixels.parameters(parameters, moved(outputs));
    const mean = family ? family.mean(given) : given[0]!;
    return unit === 1 ? mean : mean.mul(unit);
  }

  return {
    layout,
    bits,
    values: size,
    mass: family?.mass === true && (field.likelihood !== "bernoulli" || binarize !== "none"),
    picture,
    outputs: size * pixels.emitted,
    outputPicture: [channels * pixels.emitted, height, width],
    features: (_, raw) => seen(raw).unit,
    logProb(parameters, raw, outputs) {
      const x = seen(raw);
      if (field.likelihood === "bernoulli") {
        return bernoulliLogLikelihood(x.unit, moved(outputs)).reshape([raw.rows.shape[0]!, 1]);
      }
      const given = pixels.parameters(parameters, moved(outputs));
      const each = family
        ? family.logProb(pixels.value(x.unit, x.raw), given)
        : x.unit.sub(given[0]!).square().neg();
      return logJacobian === 0 ? each.sum(1, true) : each.sum(1, true).add(logJacobian);
    },
    target: (raw) => seen(raw).unit,
    logSlope: (raw) =>
      pixels.density
        ? seen(raw)
            .unit.sum(1)
            .mul(0)
            .add(-size * log(range))
        : null,
    leastScales: new Array<number>(size).fill(pixelFloor(field)),
    prediction,
    likelihood: family,
    drawn(parameters, outputs) {
      if (!family) return [];
      const [first, ...rest] = pixels.parameters(parameters, moved(outputs)) as [
        Tensor,
        ...Tensor[],
      ];
      return [first, ...rest.map((p) => (p.rank < 2 ? first.mul(0).add(p) : p))];
    },
    expected(parameters, outputs) {
      const given = pixels.parameters(parameters, moved(outputs));
      return family ? family.mean(given) : given[0]!;
    },
    columns: pixelColumns(field, (v) =>
      bytes ? Math.round(v * unit * (LEVELS - 1)) : low + v * range,
    ),
  };
}
