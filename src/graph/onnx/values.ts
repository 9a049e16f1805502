// Types of values, tensors and attributes as ONNX files hold them.
import type { DType, Shape } from "../shape.ts";
import { ProtobufWriter } from "./protobuf.ts";

/** What a value of a file can be of: a graph's own types, and those of raw data and of shapes. */
export type ElementType = DType | "int64" | "float64" | "string";

const ELEMENT_TYPES = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
} as const satisfies Record<ElementType, number>;

export const elementType = (type: ElementType): number => ELEMENT_TYPES[type];

export interface TensorSpec<Type extends ElementType = DType> {
  name: string;
  dtype: Type;
  shape: Shape;
}

export type TensorData =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | readonly string[];

/** Bytes are those of a GraphProto. */
export type NodeAttributes = Readonly<
  Record<string, number | string | readonly number[] | readonly string[] | Uint8Array>
>;

/** Attributes that are floats even when their value is whole. */
const FLOAT_ATTRIBUTES = new Set(["alpha", "beta", "epsilon"]);

/** A TensorProto. */
export function tensorBytes(
  { name, dtype, shape }: TensorSpec<ElementType>,
  values: TensorData,
): Uint8Array {
  const tensor = new ProtobufWriter();
  for (const d of shape) tensor.int(1, d);
  tensor.int(2, elementType(dtype));
  if (ArrayBuffer.isView(values)) {
    tensor.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } else for (const value of values) tensor.string(6, value);
  return tensor.string(8, name).finish();
}

/** An AttributeProto. */
export function writeAttribute(
  attribute: ProtobufWriter,
  name: string,
  value: NodeAttributes[string],
): void {
  attribute.string(1, name);
  if (value instanceof Uint8Array) attribute.bytes(6, value).int(20, 5);
  else if (typeof value === "string") attribute.string(4, value).int(20, 3);
  else if (typeof value === "number") {
    if (FLOAT_ATTRIBUTES.has(name)) attribute.float(2, value).int(20, 1);
    else attribute.int(3, value).int(20, 2);
  } else if (typeof value[0] === "string") {
    for (const text of value) attribute.string(9, text as string);
    attribute.int(20, 8);
  } else {
    for (const v of value) attribute.int(8, v as number);
    attribute.int(20, 7);
  }
}

/** A ValueInfoProto. */
export function writeValueInfo(
  info: ProtobufWriter,
  { name, dtype, shape }: TensorSpec<ElementType>,
): void {
  info.string(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, elementType(dtype)).message(2, (dims) => {
        for (const d of shape) {
          dims.message(1, (dim) => {
            if (d >= 0) dim.int(1, d);
            else dim.string(2, d === -1 ? "batch" : `batch_times_${-d}`);
          });
        }
      }),
    ),
  );
}
