// Images by quantised latents alone: posterior means in steps of the posterior's own deviations, times one
// factor for all, coded by a Gaussian of each latent over the images. What comes back is what the decoder
// expects of them; a step of a deviation moves it about as little as the model can tell (Ballé, Laparra and
// Simoncelli 2017, End-to-end optimized image compression, section 2, with the model's own transform).
import { ElboError } from "../base/errors.ts";
import { type FieldSchema, type ImageField, isModelled } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { rowsInput } from "../fields/layout.ts";
import { Body } from "../models/body.ts";
import { decodedFrom, LATENT, USE } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import { Parameters } from "../nn/parameters.ts";
import { Coder, damaged } from "./ans/coder.ts";
import type { Distribution } from "./ans/distribution.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { CellCodec } from "./cell-codec.ts";
import type { Cells, Known } from "./cells/cells.ts";
import { readPlain, writePlain } from "./cells/plain.ts";
import { type CodedColumn, fieldOf } from "./columns.ts";
import { type ExactProgram, exactProgram } from "./exact/program.ts";
import type { CodedModel } from "./model-part.ts";
import { encoderOf, type Programs } from "./networks.ts";
import { packBytes, unpackBytes } from "./side/pack.ts";
import { unseenInputs } from "./values.ts";

/** Of each latent. */
export interface LossyParameters {
  /** Where its values lie, and the logarithm of how far apart. */
  mean: Float32Array;
  logDeviation: Float32Array;
  /** The distance of two values that are told apart. */
  step: Float32Array;
  /** How many steps to either side of its mean a latent is told in; beyond, it is cut. */
  reach: Float32Array;
}

/** Images that networks see at once. */
const BATCH = 64;
const LARGEST_SIDE = 2 ** 28;

function programsOf(schema: FieldSchema, config: ModelConfig, field: ImageField) {
  const level = encoderOf(schema, config);
  const { body, outputs } = decodedFrom(schema, config, "latent", level.size);
  const place = body.decoded.findIndex(({ group }) => group.layout.fields[0] === field);
  const { group } = body.decoded[place]!;
  const expected = group.expected(body.parameters, outputs[place]!, null);
  const levels = [level] as const;
  return { levels, upward: false, decoder: { expected }, texts: [], group };
}

/** What the networks of a model compute where images are coded by it with loss. */
export const lossyPrograms = (schema: FieldSchema, config: ModelConfig): Programs =>
  programsOf(schema, config, imageField(schema));

/** The networks of an image, in exact arithmetic. */
export class ImageNetworks {
  readonly field: ImageField;
  readonly latent: number;
  readonly #group: Group;
  readonly #others: Group[];
  readonly #encoder: ExactProgram;
  readonly #decoder: ExactProgram;

  /** @throws ElboError `compress-lossy` where the model is of no image of bytes. */
  constructor({ schema, config, weights }: CodedModel) {
    this.field = imageField(schema);
    const { levels, decoder, group } = programsOf(schema, config, this.field);
    this.latent = levels[0].size;
    this.#encoder = exactProgram(levels[0].posterior, weights);
    this.#decoder = exactProgram(decoder, weights);
    const all = Body.of(schema, config, new Parameters(), USE).parts.map((part) => part.group);
    this.#group = group;
    this.#others = all.filter(({ layout }) => layout.name !== group.layout.name);
  }

  #given(rows: number) {
    return Object.assign({}, ...this.#others.map((group) => unseenInputs(group, rows)));
  }

  /** Posterior means of images, `(rows, latent)`, and deviations; null without a posterior. */
  encode(pixels: Uint8Array): { mean: Float32Array; deviation: Float32Array | null } {
    const size = this.#group.values;
    const rows = pixels.length / size;
    const mean = new Float32Array(rows * this.latent);
    let deviation: Float32Array | null = null;
    for (let from = 0; from < rows; from += BATCH) {
      const to = Math.min(from + BATCH, rows);
      const inputs = {
        ...this.#given(to - from),
        [rowsInput(this.#group.layout)]: pixels.subarray(from * size, to * size),
      };
      const found = this.#encoder.run(inputs, to - from) as Record<string, Float32Array>;
      mean.set(found["mean"]!, from * this.latent);
      if (!found["standardDeviation"]) continue;
      deviation ??= new Float32Array(mean.length);
      deviation.set(found["standardDeviation"], from * this.latent);
    }
    return { mean, deviation };
  }

  /** What the decoder expects at latents, as pixels with channels last. */
  decode(latents: Float32Array): Uint8Array {
    const rows = latents.length / this.latent;
    const pixels = new Uint8Array(rows * this.#group.values);
    for (let from = 0; from < rows; from += BATCH) {
      const to = Math.min(from + BATCH, rows);
      const inputs = {
        ...this.#given(to - from),
        [LATENT]: latents.subarray(from * this.latent, to * this.latent),
      };
      const { expected } = this.#decoder.run(inputs, to - from);
      const [column] = this.#group.columns(expected as Float32Array, to - from);
      if (column?.type !== "image") throw damaged();
      pixels.set(column.values, from * this.#group.values);
    }
    return pixels;
  }
}

/** What `--lossy` is told of data without the model's image. */
export const noImage = ({ name, height, width, channels }: ImageField) =>
  new ElboError({
    code: "compress-lossy",
    message: `--lossy is for images like those of the model; the data has no column ${name} of ${width} × ${height} pixels${channels === 1 ? "" : ` and ${channels} channels`}`,
    hint: "Leave --lossy out: rows are compressed without loss.",
    kind: "usage",
  });

/** @throws ElboError `compress-lossy`. */
export function imageField(schema: FieldSchema): ImageField {
  const images = schema.fields.filter(
    (field): field is ImageField => isModelled(field) && field.kind === "image" && field.bytes,
  );
  const [image] = images;
  if (images.length === 1 && image) return image;
  throw new ElboError({
    code: "compress-lossy",
    message: `--lossy is for models of one image of bytes; this one has ${images.length === 0 ? "none" : images.length}`,
    hint: "Leave --lossy out: rows are compressed without loss.",
    kind: "usage",
  });
}

/** Whole numbers of steps from the mean, from 0 on: what is coded. */
export function quantized(means: Float32Array, by: LossyParameters): Float64Array {
  const { reach } = by;
  const latent = reach.length;
  return Float64Array.from(means, (value, i) => {
    const j = i % latent;
    const steps = Math.round((value - by.mean[j]!) / by.step[j]!);
    return Math.max(-reach[j]!, Math.min(reach[j]!, steps)) + reach[j]!;
  });
}

/** Latents at those steps. */
export function restored(codes: Float64Array, by: LossyParameters): Float32Array {
  const { reach } = by;
  const latent = reach.length;
  return Float32Array.from(codes, (code, i) => {
    const j = i % latent;
    return by.mean[j]! + (code - reach[j]!) * by.step[j]!;
  });
}

function distributionOf(count: number, by: LossyParameters): Distribution {
  const { reach } = by;
  const latent = reach.length;
  const each = (of: (j: number) => number) =>
    Float64Array.from({ length: count }, (_, i) => of(i % latent));
  return {
    family: "gaussian",
    components: 1,
    parameters: [
      new Float32Array(count),
      Float32Array.from({ length: count }, (_, i) => by.logDeviation[i % latent]!),
    ],
    grid: {
      lows: each((j) => -reach[j]! * by.step[j]!),
      steps: each((j) => by.step[j]!),
      counts: each((j) => 2 * reach[j]! + 1),
    },
    shifts: Float64Array.of(0),
    scales: Float64Array.of(1),
  };
}

/** Codes blocks of images by their latents; other columns without loss, beside. */
export class LossyCodec implements CellCodec {
  readonly #coder = new Coder();
  readonly #networks: ImageNetworks;
  readonly #schema: FieldSchema;
  readonly #columns: readonly CodedColumn[];
  readonly #by: LossyParameters;

  constructor(model: CodedModel, columns: readonly CodedColumn[], by: LossyParameters) {
    this.#networks = new ImageNetworks(model);
    this.#schema = model.schema;
    this.#columns = columns;
    this.#by = by;
    const { latent } = this.#networks;
    if (Object.values(by).some((values: Float32Array) => values.length !== latent)) throw damaged();
  }

  #isImage(column: CodedColumn): boolean {
    return column.type === "image" && fieldOf(this.#schema, column) === this.#networks.field;
  }

  encode(cells: readonly Cells[]): Uint8Array {
    const side = new ByteWriter();
    let codes: Float64Array = new Float64Array();
    for (const [i, column] of this.#columns.entries()) {
      const own = cells[i]!;
      if (!this.#isImage(column) || own.type !== "image") writePlain(side, own);
      else codes = quantized(this.#networks.encode(own.pixels).mean, this.#by);
    }
    this.#coder.begin(4 * codes.length);
    this.#coder.push(distributionOf(codes.length, this.#by), codes, null);
    const writer = new ByteWriter();
    writer.block(packBytes(side.finish()));
    writer.raw(this.#coder.finish());
    return writer.finish();
  }

  decode(bytes: Uint8Array, known: readonly Known[], rows: number): Cells[] {
    const reader = new ByteReader(bytes);
    const side = new ByteReader(unpackBytes(reader.block(), LARGEST_SIDE));
    const count = rows * this.#networks.latent;
    this.#coder.reopen(reader.raw(reader.left), 4 * count);
    const by = distributionOf(count, this.#by);
    const codes = this.#coder.pop(by, count, null);
    if (!this.#coder.isSpent) throw damaged();
    const latents = restored(codes, this.#by);
    return this.#columns.map((column, i) =>
      this.#isImage(column)
        ? { type: "image", pixels: this.#networks.decode(latents) }
        : readPlain(side, known[i]!),
    );
  }
}
