// How large a model is where nobody says: by what a row of the data holds.
import {
  type FieldSchema,
  isModelled,
  type Kind,
  type ModelledField,
  valuesOf,
} from "../fields/field.ts";
import type { NetworkSpec } from "../nn/network.ts";

export function modelled(schema: FieldSchema): ModelledField[] {
  return schema.fields.filter(isModelled);
}

/** About how much a row says: a number counts as one, levels as up to four. */
function rowSize(schema: FieldSchema): number {
  const data = modelled(schema).filter(({ role }) => role !== "target");
  return data.reduce((sum, field) => {
    if ("levels" in field) return sum + Math.min(4, field.levels.length);
    // A text's own network says in about so many numbers what it has seen.
    if (field.kind === "text") return sum + 64;
    // The value, and the places in the day, the week and the year.
    if (field.kind === "time") return sum + 7;
    return sum + valuesOf(field);
  }, 0);
}

export const hasTexts = (schema: FieldSchema) =>
  modelled(schema).some(({ kind }) => kind === "text");

export function defaultNetwork(schema: FieldSchema): NetworkSpec {
  const image = imageOf(schema);
  if (!image) {
    const size = Math.min(512, Math.max(16, 2 ** Math.ceil(Math.log2(4 * rowSize(schema)))));
    if (!hasTexts(schema)) return { kind: "mlp", hidden: [size, size] };
    return { kind: "conv", channels: [64, 64, 64], dense: [size] };
  }
  const { height, width, channels } = image;
  if (channels === 1 && height * width <= 32 * 32) return { kind: "mlp", hidden: [400] };
  // Halved to about 8 pixels, so that what follows is small; as many channels outside as pay there.
  const halvings = Math.max(2, Math.round(Math.log2(Math.min(height, width) / 8)));
  const sizes = Array.from({ length: halvings }, (_, i) => {
    return Math.max(16, 64 / 2 ** (halvings - 1 - i));
  });
  return { kind: "conv", channels: sizes, dense: [256] };
}

export function imageOf(schema: FieldSchema) {
  const image = modelled(schema).find(({ kind, role }) => kind === "image" && role === "data");
  return image?.kind === "image" ? image : undefined;
}

export function defaultLatent(schema: FieldSchema): number {
  const image = imageOf(schema);
  if (image) return Math.min(20, image.height * image.width * image.channels);
  const data = modelled(schema).filter(({ role }) => role === "data");
  const sizes: Partial<Record<Kind, number>> = { text: 96 };
  const size = data.reduce(
    (sum, field) => sum + (field.kind === "vector" ? field.size : (sizes[field.kind] ?? 1)),
    0,
  );
  return Math.min(32, Math.max(2, Math.round(size / 3)));
}

/** Where the search for a size begins: more than are likely to be used. */
export const wideLatent = (schema: FieldSchema) => Math.max(8, 2 * defaultLatent(schema));

/** The most latents that the search tries: a row has no more to tell than its own numbers. */
export const widestLatent = (schema: FieldSchema) =>
  Math.min(512, Math.max(wideLatent(schema), rowSize(schema)));
