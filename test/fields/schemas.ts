// Fields and chunks for tests of packing: the statistics do not matter there.
import type { Chunk, ColumnInfo, ColumnValues } from "#elbo/fields/columns.js";
import type {
  BinaryField,
  CategoricalField,
  CountField,
  Field,
  FieldSchema,
  ImageField,
  OrdinalField,
  PositiveField,
  RealField,
  TextField,
  TimeField,
  VectorField,
  WeightField,
} from "#elbo/fields/field.js";

const data = { role: "data", gaps: true } as const;

export const real = (name: string, more: Partial<RealField> = {}): RealField => ({
  ...{ ...data, name, kind: "real", likelihood: "gaussian", scale: "standardize" },
  ...{ mean: 0, deviation: 1, resolution: 0, decimals: null, quantiles: [], ...more },
});
export const positive = (name: string, more: Partial<PositiveField> = {}): PositiveField => ({
  ...{ ...data, name, kind: "positive", likelihood: "log-normal" },
  ...{ offset: 0, mean: 0, deviation: 1, resolution: 0, decimals: null, ...more },
});
export const count = (name: string, more: Partial<CountField> = {}): CountField => ({
  ...{ ...data, name, kind: "count", likelihood: "negative-binomial" },
  ...{ mean: 0, deviation: 1, logMean: 0, spread: 1, logInverseDispersion: 0, ...more },
});
export const binary = (name: string, more: Partial<BinaryField> = {}): BinaryField => ({
  ...{ ...data, name, kind: "binary", likelihood: "bernoulli", boolean: false, mean: 0.5, ...more },
});
export const categorical = (
  name: string,
  levels: string[],
  more: Partial<CategoricalField> = {},
): CategoricalField => ({
  ...{ ...data, name, kind: "categorical", likelihood: "categorical", levels, of: "text" },
  ...{ shares: levels.map(() => 1 / levels.length), ...more },
});
export const ordinal = (
  name: string,
  levels: string[],
  more: Partial<OrdinalField> = {},
): OrdinalField => ({
  ...{ ...data, name, kind: "ordinal", likelihood: "ordinal", levels, of: "text" },
  ...{ shares: levels.map(() => 1 / levels.length), ...more },
});
export const time = (name: string, date: boolean, more: Partial<TimeField> = {}): TimeField => ({
  ...{ ...data, name, kind: "time", likelihood: "gaussian", date },
  ...{ mean: 0, deviation: 1, resolution: 1, ...more },
});
export const image = (
  name: string,
  [height, width, channels]: readonly [number, number, number],
  more: Partial<ImageField> = {},
): ImageField => ({
  ...{ ...data, name, kind: "image", likelihood: "bernoulli", binarize: "none" },
  ...{ height, width, channels, bytes: true, low: 0, high: 255, mean: "", ...more },
});
export const vector = (
  name: string,
  size: number,
  more: Partial<VectorField> = {},
): VectorField => ({
  ...{ ...data, name, kind: "vector", likelihood: "gaussian", size, sparse: false, names: null },
  ...{ counts: false, mean: new Array<number>(size).fill(0) },
  ...{ deviation: new Array<number>(size).fill(1), logShare: [], spread: [] },
  ...{ logInverseDispersion: [], total: 1, resolution: 0, ...more },
});
export const text = (name: string, more: Partial<TextField> = {}): TextField => ({
  ...{ ...data, name, kind: "text", likelihood: "categorical", vocabulary: ["a", "b"] },
  ...{ unit: "characters", length: 8, shares: [], cuts: [], ...more },
});
export const weight = (name: string): WeightField => ({
  ...{ name, kind: "real", role: "weight", mean: 1 },
});

export const schemaOf = (...fields: Field[]): FieldSchema => ({ fields });

export const numbers = (...values: number[]): ColumnValues => ({
  type: "number",
  values: Float64Array.from(values),
});
export const times = (...values: number[]): ColumnValues => ({
  type: "time",
  values: Float64Array.from(values),
});
export const texts = (...values: (string | null)[]): ColumnValues => ({ type: "text", values });

export const chunkOf = (rows: number, ...columns: ColumnValues[]): Chunk => ({ rows, columns });

export const column = {
  number: (name: string): ColumnInfo => ({ name, type: "number" }),
  boolean: (name: string): ColumnInfo => ({ name, type: "number", boolean: true }),
  text: (name: string): ColumnInfo => ({ name, type: "text" }),
  time: (name: string): ColumnInfo => ({ name, type: "time" }),
  vector: (name: string, size: number, sparse = false): ColumnInfo => ({
    ...{ name, type: "vector", size, sparse },
  }),
  image: (name: string, height: number, width: number, channels: number): ColumnInfo => ({
    ...{ name, type: "image", height, width, channels },
  }),
};
