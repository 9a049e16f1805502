// One ONNX file of a model: a graph in a shell that takes and gives raw values.
import type { FieldSchema, ModelledField } from "../../fields/field.ts";
import { layoutOf, maskInput, rowsInput } from "../../fields/layout.ts";
import { packGroup } from "../../fields/onnx/inputs.ts";
import { columnPort, type Port, PortNames } from "../../fields/onnx/names.ts";
import { type Ends, unpackGroup } from "../../fields/onnx/outputs.ts";
import { writtenCodes } from "../../fields/onnx/writing.ts";
import {
  type ElementType,
  type Emitter,
  type Shell,
  type Tensor,
  type TensorSpec,
  toShelledOnnx,
} from "../../graph/index.ts";
import type { GroupValues } from "../../models/exported.ts";
import type { Weights } from "../../train/checkpoint.ts";
import { DEFAULT_INTERVAL } from "../predict.ts";

/** Numbers of the graph that are given as they are, or a group's columns in raw values. */
export type PartOutput =
  | { name: string; tensor: Tensor; holds: string; field?: ModelledField }
  | (GroupValues & { suffix?: string; radii?: ReadonlyMap<string, number> });

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
const uniformsOf = (i: number) => `uniforms ${i}`;

/** Raw columns around a graph, under names that nothing else has. */
class RawShell implements Shell {
  readonly columns = new Map<string, ModelledField>();
  readonly #schema: FieldSchema;
  readonly #graph: PartGraph;
  readonly #names = new PortNames();
  /** What inputs and outputs hold. */
  readonly #holds = new Map<string, string>();
  /** Of columns, their places in the data; all else stands before. */
  readonly #places = new Map<string, number>();

  constructor(schema: FieldSchema, graph: PartGraph) {
    this.#schema = schema;
    this.#graph = graph;
    // What is not a column has its name whatever the columns are called.
    for (const { name } of Object.values(graph.inputs ?? {})) this.#names.take(name);
    for (const output of graph.outputs) if ("tensor" in output) this.#names.take(output.name);
  }

  enter(emitter: Emitter, wanted: readonly TensorSpec[]): void {
    const asked = new Set(wanted.map(({ name }) => name));
    for (const layout of layoutOf(this.#schema)) {
      const [rows, mask] = [rowsInput(layout), maskInput(layout)];
      if (!asked.has(rows) && !asked.has(mask)) continue;
      const packed = packGroup(emitter, layout, (field) => this.#inputOf(field));
      if (asked.has(rows)) emitter.bind(rows, packed.rows);
      if (asked.has(mask)) emitter.bind(mask, packed.mask!);
    }
    for (const [inner, { name, holds }] of Object.entries(this.#graph.inputs ?? {})) {
      const spec = wanted.find((each) => each.name === inner);
      if (spec === undefined) continue;
      emitter.bind(inner, emitter.declareInput({ ...spec, name }));
      this.#holds.set(name, holds);
    }
    emitter.ownInputs.sort((a, b) => this.#placeOf(a) - this.#placeOf(b));
  }

  leave(emitter: Emitter, value: (name: string) => string): void {
    for (const [i, output] of this.#graph.outputs.entries()) {
      if (!("tensor" in output)) {
        const { group, uniforms, suffix = "", radii } = output;
        const portOf = (field: ModelledField) => this.#outputOf(field, suffix);
        const given = value(keyOf(i));
        const values = group.written
          ? writtenCodes(emitter, group, given, uniforms ? value(uniformsOf(i)) : null)
          : given;
        const endsOf = (field: ModelledField) => this.#endsOf(field, radii?.get(field.name));
        unpackGroup(emitter, group.layout, values, portOf, endsOf);
        continue;
      }
      const { name, tensor, holds, field } = output;
      const { dtype, shape } = tensor;
      emitter.declareOutput({ name, dtype, shape }, value(keyOf(i)));
      this.#holds.set(name, holds);
      if (field) this.#places.set(name, this.#schema.fields.indexOf(field));
    }
    emitter.ownOutputs.sort((a, b) => this.#placeOf(a) - this.#placeOf(b));
  }

  described(specs: readonly TensorSpec<ElementType>[]): Port[] {
    return specs.map((spec) => ({ ...spec, holds: this.#holds.get(spec.name)! }));
  }

  #inputOf(field: ModelledField): Port {
    const port = columnPort(field, this.#names.take(field.name), "input");
    const other = port.name === field.name ? "" : `the column ${JSON.stringify(field.name)}: `;
    this.columns.set(port.name, field);
    this.#keep(field, { ...port, holds: `${other}${port.holds}` });
    return port;
  }

  #outputOf(field: ModelledField, suffix: string): Port {
    const port = columnPort(field, this.#names.take(`${field.name}${suffix}`), "output");
    this.#keep(field, port);
    return port;
  }

  #endsOf(field: ModelledField, radius: number | undefined): Ends | null {
    if (radius === undefined) return null;
    const [low, high] = (["low", "high"] as const).map((end) => {
      const port = columnPort(field, this.#names.take(`${field.name}_${end}`), "output");
      const which = end === "low" ? "lower" : "upper";
      const holds = `the ${which} end of the interval that holds ${100 * DEFAULT_INTERVAL} % of values`;
      this.#keep(field, { ...port, holds });
      return port;
    }) as [Port, Port];
    return { radius, low, high };
  }

  #keep(field: ModelledField, { name, holds }: Port): void {
    this.#holds.set(name, holds);
    this.#places.set(name, this.#schema.fields.indexOf(field));
  }

  #placeOf({ name }: { name: string }): number {
    return this.#places.get(name) ?? -1;
  }
}

/** The file's bytes, and its inputs and outputs with what they hold. */
export function partOf(schema: FieldSchema, weights: Weights, part: PartGraph): Part {
  const graph: Record<string, Tensor> = {};
  for (const [i, output] of part.outputs.entries()) {
    graph[keyOf(i)] = "tensor" in output ? output.tensor : output.values;
    if ("uniforms" in output && output.uniforms) graph[uniformsOf(i)] = output.uniforms;
  }
  const shell = new RawShell(schema, part);
  const { bytes, inputs, outputs } = toShelledOnnx(graph, weights, shell);
  return {
    about: part.about,
    bytes,
    inputs: shell.described(inputs),
    outputs: shell.described(outputs),
    columns: shell.columns,
  };
}
