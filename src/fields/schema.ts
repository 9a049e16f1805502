// What the rows of a data set are, as a run remembers it: names, shapes and the statistics that
// bring raw values to the scale of the network and back.

/** A real column, brought to mean 0 and standard deviation 1 unless its scale is `none`. */
export interface RealField {
  name: string;
  kind: "real";
  role: "data";
  mean: number;
  standardDeviation: number;
}

/** How pixels become bits: not at all, by ½, or drawn anew with their brightness at each step. */
export type Binarize = "none" | "threshold" | "dynamic";
export const binarizations: readonly Binarize[] = ["none", "threshold", "dynamic"];

/** An image of uint8 pixels, height × width × channels. */
export interface ImageField {
  name: string;
  kind: "image";
  role: "data";
  height: number;
  width: number;
  channels: number;
  binarize: Binarize;
}

export type TableSchema = { kind: "table"; fields: RealField[] };
export type ImageSchema = { kind: "image"; fields: [ImageField] };
export type Schema = TableSchema | ImageSchema;

/** Values in one row. */
export function rowLength(schema: Schema): number {
  if (schema.kind === "table") return schema.fields.length;
  const [{ height, width, channels }] = schema.fields;
  return height * width * channels;
}
