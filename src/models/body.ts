// What every method's networks see and give: the groups of a schema, put together and taken apart.
import { type FieldSchema, isModelled, type ModelledField } from "../fields/field.ts";
import { type Group, groupsOf, type Raw, rawOf } from "../fields/groups/index.ts";
import { maskSize, WEIGHTS } from "../fields/layout.ts";
import { BATCH, input, type Tensor } from "../graph/index.ts";
import {
  beside,
  checkNetwork,
  decoderNetwork,
  encoderNetwork,
  type NetworkInput,
  textNetwork,
} from "../nn/network.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { ModelConfig } from "./model.ts";
import type { NoiseSource } from "./noise.ts";

export interface BodyOptions {
  /** See `GroupOptions`. */
  drawn: boolean;
  cut: number | null;
  /** Whether weights are being learned. */
  training: boolean;
  /** Whether cells may be missing that training rows all had: in use they may. */
  gaps: boolean;
}

/** A group and its rows in the graph. */
export interface Part {
  group: Group;
  raw: Raw;
}

/** What an encoder sees of rows: numbers, and an image. */
export type Features = NetworkInput;

/** The networks of a model between raw rows, latents and outputs. */
export class Body {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** All groups; the first image of the data goes through convolutions, if the network has some. */
  readonly parts: readonly Part[];
  /** Groups that the decoder gives. */
  readonly decoded: readonly Part[];
  readonly #picture: Part | undefined;
  /** What networks see of each part, made once: the same tensors wherever they are asked for. */
  readonly #entering = new Map<Part, Tensor[]>();
  /** What the encoder has of `parts`, in their order: while weights are learned, less of it. */
  readonly #seen: readonly Part[];

  private constructor(
    config: ModelConfig,
    parameters: Parameters,
    parts: readonly Part[],
    seen: readonly Part[] = parts,
  ) {
    this.config = config;
    this.parameters = parameters;
    this.parts = parts;
    this.decoded = parts.filter(({ group }) => roleOf(group) !== "condition");
    this.#seen = seen;
    this.#picture = seen.find(({ group }) => group.picture !== null && roleOf(group) === "data");
  }

  static of(
    schema: FieldSchema,
    config: ModelConfig,
    parameters: Parameters,
    { drawn, cut, gaps }: BodyOptions,
  ): Body {
    const { output, activation, network, decoding = "autoregressive" } = config;
    const has = (kind: ModelledField["kind"]) =>
      schema.fields.some((field) => isModelled(field) && field.kind === kind);
    checkNetwork(network, { images: has("image"), texts: has("text") });
    const texts = { network: textNetwork(network), decoding };
    const groups = groupsOf(schema, { output, activation, drawn, texts, cut });
    const parts = groups.map((group) => ({
      group,
      raw: rawOf(group, gaps || group.layout.fields.some((field) => field.gaps)),
    }));
    return new Body(config, parameters, parts);
  }

  /** The same networks for rows that each come `times` times, one after the other. */
  repeated(times: number): Body {
    const parts = this.parts.map(({ group, raw }) => ({
      group,
      raw: {
        rows: repeatRows(raw.rows, times),
        mask: raw.mask && repeatRows(raw.mask, times),
      },
    }));
    return new Body(this.config, this.parameters, parts);
  }

  /** The same networks and rows over other parameters. */
  with(parameters: Parameters): Body {
    return new Body(this.config, parameters, this.parts, this.#seen);
  }

  /**
   * The same, of whose rows the encoder sees a part alone: cells of the data are hidden from it, of
   * each row another share, evenly from 0 to twice `hide`.
   */
  hiding(noise: NoiseSource): Body {
    const { hide = 0 } = this.config;
    const hidden = this.parts.filter(({ group }) => canHide(group));
    if (hide === 0 || hidden.length === 0) return this;
    const sizes = hidden.map(({ group }) => maskSize(group.layout));
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const share = noise.uniform(1).mul(2 * hide);
    const kept = noise.uniform(all).greaterOrEqual(share).cast("float32");
    const masks = sizes.length > 1 ? kept.split(1, sizes) : [kept];
    const seen = this.parts.map((part): Part => {
      const own = masks[hidden.indexOf(part)];
      if (!own) return part;
      const { rows, mask } = part.raw;
      return { group: part.group, raw: { rows, mask: mask ? mask.mul(own) : own } };
    });
    return new Body(this.config, this.parameters, this.parts, seen);
  }

  /** Whether the encoder is told of a group which cells are there. */
  #tellsGaps(group: Group): boolean {
    const hides = (this.config.hide ?? 0) > 0 && canHide(group);
    return hides || group.layout.fields.some((field) => field.gaps);
  }

  of(role: "data" | "target" | "condition"): Part[] {
    return this.parts.filter(({ group }) => roleOf(group) === role);
  }

  /** A group's features, and the mask where training had gaps. */
  #entersOf(part: Part): Tensor[] {
    const { group, raw } = part;
    const known = this.#entering.get(part);
    if (known) return known;
    const tells = raw.mask && part !== this.#picture && this.#tellsGaps(group);
    const made = [group.features(this.parameters, raw), ...(tells ? [raw.mask!] : [])];
    this.#entering.set(part, made);
    return made;
  }

  /** What the encoder sees of each group, `(batch, n)` each, and where there may be gaps their mask. */
  entering(): { group: Group; tensors: readonly Tensor[] }[] {
    return this.#seen
      .filter(({ group }) => roleOf(group) !== "target")
      .map((part) => ({ group: part.group, tensors: this.#entersOf(part) }));
  }

  /** Features of groups side by side, with masks where training had gaps; null of none. */
  #flat(parts: readonly Part[]): Tensor | null {
    const features = parts.flatMap((part) => this.#entersOf(part));
    return features.length === 0 ? null : beside(...features);
  }

  /** What the encoder sees of the rows. */
  features(): Features {
    const picture = this.#picture;
    const seen = this.#seen.filter((part) => part !== picture && roleOf(part.group) !== "target");
    const image = picture && {
      x: this.#entersOf(picture)[0]!,
      shape: picture.group.picture!,
    };
    return { flat: this.#flat(seen), image: image ?? null };
  }

  /** The encoder's hidden vector, `(batch, hidden)`, of the rows or of features put in their place. */
  encode(features = this.features()): Tensor {
    const { network, activation } = this.config;
    return encoderNetwork(this.parameters, features, network, activation);
  }

  /** What the decoder emits for each of `decoded`, at latents `(batch, latent)`. */
  decode(z: Tensor): Tensor[] {
    const condition = this.#flat(this.of("condition"));
    const picture = this.decoded.find(({ group }) => group.outputPicture !== null);
    const others = this.decoded.filter((part) => part !== picture);
    const sizes = others.map(({ group }) => group.outputs);
    const { flat, image } = decoderNetwork(
      this.parameters,
      beside(z, condition),
      this.config.network,
      {
        flat: sizes.reduce((sum, size) => sum + size, 0),
        image: picture?.group.outputPicture ?? null,
      },
      this.config.activation,
    );
    const pieces = sizes.length > 1 ? flat!.split(1, sizes) : [flat!];
    return this.decoded.map((part) => (part === picture ? image! : pieces[others.indexOf(part)]!));
  }

  /** log p of each decoded group's fields, `(batch, fields)`. */
  logProbs(outputs: readonly Tensor[]): Tensor[] {
    return this.decoded.map(({ group, raw }, i) =>
      group.logProb(this.parameters, raw, outputs[i]!),
    );
  }

  /** The sum of those of one role, `(batch,)`; null where there are none. */
  total(logProbs: readonly Tensor[], role: "data" | "target"): Tensor | null {
    const sums = logProbs.flatMap((each, i) =>
      roleOf(this.decoded[i]!.group) === role ? [each.sum(1)] : [],
    );
    return sums.length === 0 ? null : sums.reduce((sum, each) => sum.add(each));
  }

  /** The rows' weights, `(batch,)`, of mean 1 over the training rows; null without. */
  static weights(schema: FieldSchema): Tensor | null {
    const field = schema.fields.find(({ role }) => role === "weight");
    if (field?.role !== "weight") return null;
    return input(WEIGHTS, [BATCH]).mul(1 / (field.mean > 0 ? field.mean : 1));
  }
}

/** `(batch, n)` as `(times · batch, n)`. */
export function repeatRows(x: Tensor, times: number): Tensor {
  const [rows, size] = x.shape as [number, number];
  return x
    .reshape([rows, 1, size])
    .broadcastTo([rows, times, size])
    .reshape([rows * times, size]);
}

/** Whether cells can be hidden: those of columns and vectors of the data, which can be missing. */
function canHide(group: Group): boolean {
  const [{ kind, role }] = group.layout.fields as [ModelledField];
  return role === "data" && kind !== "image" && kind !== "text";
}

export const roleOf = ({ layout }: Group) => layout.fields[0]!.role;
