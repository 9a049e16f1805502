// One ONNX file of a model: a graph in a shell that takes and gives raw values.
import type { FieldSchema, ModelledField } from "../../fields/field.ts";
import { layoutOf, maskInput, rowsInput } from "../../fields/layout.ts";
import { packGroup, portsOf } from "../../fields/onnx/inputs.ts";
import { columnPort, type Port, PortNames } from "../../fields/onnx/names.ts";
import { unpackGroup } from "../../fields/onnx/outputs.ts";
import { type Tensor, toShelledOnnx } from "../../graph/index.ts";
import type { GroupValues } from "../../models/exported.ts";
import type { Weights } from "../../train/checkpoint.ts";

/** Numbers of the graph that are given as they are, or a group's columns in raw values. */
export type PartOutput =
  | { name: string; tensor: Tensor; holds: string; field?: ModelledField }
  | (GroupValues & { suffix?: string });

export interface PartGraph {
  /** What the file is for, in a sentence. */
  about: string;
  outputs: readonly PartOutput[];
  /** Of the graph's inputs beside rows: their names in the file, and what they hold. */
  inputs?: Readonly<Record<string, { name: string; holds: string }>>;
}

export interface Part {
  about: string;
  bytes: Uint8Array;
  inputs: Port[];
  outputs: Port[];
  /** The fields that inputs are columns of, by the inputs' names. */
  columns: ReadonlyMap<string, ModelledField>;
}

const keyOf = (i: number) => `output ${i}`;

/** The file's bytes, and its inputs and outputs with what they hold. */
export function partOf(
  schema: FieldSchema,
  weights: Weights,
  { about, outputs, inputs: named = {} }: PartGraph,
): Part {
  const names = new PortNames();
  // What is not a column has its name whatever the columns are called.
  const [holdsIn, holdsOut] = [new Map<string, string>(), new Map<string, string>()];
  for (const { name } of Object.values(named)) names.take(name);
  for (const output of outputs) if ("tensor" in output) names.take(output.name);
  const columns = new Map<string, ModelledField>();
  /** Of columns, in the data; all else stands before. */
  const places = new Map<string, number>();
  const placeOf = ({ name }: { name: string }) => places.get(name) ?? -1;
  const graph = Object.fromEntries(
    outputs.map((output, i) => [keyOf(i), "tensor" in output ? output.tensor : output.values]),
  );
  const model = toShelledOnnx(graph, weights, {
    enter(emitter, wanted) {
      const asked = new Set(wanted.map(({ name }) => name));
      for (const layout of layoutOf(schema)) {
        const [rows, mask] = [rowsInput(layout), maskInput(layout)];
        if (!asked.has(rows) && !asked.has(mask)) continue;
        const ports = portsOf(layout, (name) => names.take(name));
        for (const [field, { name, holds }] of ports) {
          places.set(name, schema.fields.indexOf(field));
          holdsIn.set(name, holds);
          columns.set(name, field);
        }
        const packed = packGroup(emitter, layout, (field) => ports.get(field)!);
        if (asked.has(rows)) emitter.bind(rows, packed.rows);
        if (asked.has(mask)) emitter.bind(mask, packed.mask!);
      }
      for (const [inner, { name, holds }] of Object.entries(named)) {
        const spec = wanted.find((each) => each.name === inner);
        if (spec === undefined) continue;
        emitter.bind(inner, emitter.declareInput({ ...spec, name }));
        holdsIn.set(name, holds);
      }
    },
    leave(emitter, value) {
      for (const [i, output] of outputs.entries()) {
        if ("tensor" in output) {
          const { name, tensor, holds, field } = output;
          if (field) places.set(name, schema.fields.indexOf(field));
          const { dtype, shape } = tensor;
          emitter.declareOutput({ name, dtype, shape }, value(keyOf(i)));
          holdsOut.set(name, holds);
          continue;
        }
        const portOf = (field: ModelledField) => {
          const name = names.take(`${field.name}${output.suffix ?? ""}`);
          const port = columnPort(field, name, "output");
          places.set(name, schema.fields.indexOf(field));
          holdsOut.set(port.name, port.holds);
          return port;
        };
        unpackGroup(emitter, output.group.layout, value(keyOf(i)), portOf);
      }
      for (const specs of [emitter.ownInputs, emitter.ownOutputs]) {
        specs.sort((a, b) => placeOf(a) - placeOf(b));
      }
    },
  });
  const described = (specs: readonly Omit<Port, "holds">[], holds: Map<string, string>) =>
    specs.map(({ name, dtype, shape }) => ({ name, dtype, shape, holds: holds.get(name)! }));
  return {
    about,
    bytes: model.bytes,
    inputs: described(model.inputs, holdsIn),
    outputs: described(model.outputs, holdsOut),
    columns,
  };
}
