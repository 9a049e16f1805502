// Texts that are written symbol by symbol, as a loop in an ONNX file: what src/tasks/writing.ts does on
// the host. A text that has ended stays ended.

import { BATCH, type Emitter, filled, innerGraph, input, type Tensor } from "../../graph/index.ts";
import { Parameters } from "../../nn/parameters.ts";
import { bounded, LOGIT_BOUNDS } from "../../prob/bounds.ts";
import { levelAt } from "../../prob/fixed-noise.ts";
import type { Group } from "../groups/index.ts";
import { placeInput, writtenInput } from "../layout.ts";
import { END } from "../tokens.ts";

const TOLD = "told";
const UNIFORM = "uniform";
const CODE = "code";
const keptOutput = (i: number) => `kept ${i}`;

/** One place: the code there, and what is kept for the next; by chance where `drawn`. */
function stepOf(group: Group, drawn: boolean): { graph: Record<string, Tensor>; kept: Tensor[] } {
  const written = group.written!;
  const told = input(TOLD, [BATCH, written.outputs]);
  const { logits, kept } = written.step(new Parameters(), told);
  const code = drawn
    ? levelAt(bounded(logits, LOGIT_BOUNDS).softmax(1), input(UNIFORM, [BATCH]))
    : logits.argmax(1).cast("float32");
  return {
    graph: {
      [CODE]: code,
      ...Object.fromEntries(kept.map(({ after }, i) => [keptOutput(i), after])),
    },
    kept: kept.map(({ before }) => before),
  };
}

/**
 * Codes of a group's texts, float32 `(batch, places)`.
 * @param told what writing takes of a row.
 * @param uniforms a number for each place, `(batch, places)`, that its code is drawn by; null for the
 * most probable codes.
 */
export function writtenCodes(
  emitter: Emitter,
  group: Group,
  told: string,
  uniforms: string | null,
): string {
  const { places } = group.written!;
  const { graph, kept } = stepOf(group, uniforms !== null);
  const states = kept.map((before) => ({
    inner: before.attributes["name"] as string,
    shape: before.shape,
  }));
  const body = innerGraph(emitter, graph, {
    enter(inner) {
      const own = (name: string) => `${told}.${name}`;
      const turn = inner.declareInput({ name: own("turn"), dtype: "int64", shape: [] });
      inner.declareInput({ name: own("going"), dtype: "bool", shape: [] });
      for (const [i, state] of states.entries()) {
        const spec = { name: own(`state ${i}`), dtype: "float32", shape: state.shape } as const;
        inner.bind(state.inner, inner.declareInput(spec));
      }
      const last = inner.declareInput({ name: own("last"), dtype: "int32", shape: [BATCH, 1] });
      const open = inner.declareInput({ name: own("open"), dtype: "float32", shape: [BATCH] });
      inner.bind(writtenInput(group.layout), last);
      inner.bind(TOLD, told);
      const rows = inner.node("Shape", [open]);
      const place = inner.node("Expand", [inner.cast(turn, "int32"), rows]);
      inner.bind(placeInput(group.layout), place);
      if (uniforms === null) return;
      inner.bind(UNIFORM, inner.node("Gather", [uniforms, turn], { axis: 1 }));
    },
    leave(inner, value) {
      const next = (name: string) => `${told}.next ${name}`;
      const end = inner.scalar(END, "float32");
      const open = `${told}.open`;
      const code = inner.node("Mul", [value(CODE), open]);
      const goes = inner.cast(inner.node("Not", [inner.node("Equal", [code, end])]), "float32");
      const last = inner.node("Unsqueeze", [inner.cast(code, "int32"), inner.int64([1])]);
      inner.declareOutput({ name: next("going"), dtype: "bool", shape: [] }, `${told}.going`);
      for (const [i, { shape }] of states.entries()) {
        const spec = { name: next(`state ${i}`), dtype: "float32", shape } as const;
        inner.declareOutput(spec, value(keptOutput(i)));
      }
      inner.declareOutput({ name: next("last"), dtype: "int32", shape: [BATCH, 1] }, last);
      inner.declareOutput({ name: next("open"), dtype: "float32", shape: [BATCH] }, goes);
      inner.declareOutput({ name: next("code"), dtype: "float32", shape: [BATCH] }, code);
    },
  });
  const first = [
    ...states.map(({ shape }) => filled(emitter, shape, 0)),
    emitter.cast(filled(emitter, [BATCH, 1], END), "int32"),
    filled(emitter, [BATCH], 1),
  ];
  const going = emitter.fixed("bool", [], Uint8Array.of(1));
  const inputs = [emitter.int64Scalar(places), going, ...first];
  const results = emitter.nodes("Loop", inputs, { body }, first.length + 1);
  return emitter.node("Transpose", [results.at(-1)!], { perm: [1, 0] });
}
