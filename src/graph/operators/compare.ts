// Comparisons, logic, selection and changes of type. None but `where` and casts between floats
// carries a gradient.
import { graphError } from "../errors.ts";
import { broadcastShapes, type DType } from "../shape.ts";
import { apply, type Operator, Tensor } from "../tensor.ts";
import { lift, type Operand } from "./arithmetic.ts";

declare module "../tensor.ts" {
  interface Tensor {
    less(other: Operand): Tensor;
    lessOrEqual(other: Operand): Tensor;
    greater(other: Operand): Tensor;
    greaterOrEqual(other: Operand): Tensor;
    equal(other: Operand): Tensor;
    and(other: Tensor): Tensor;
    or(other: Tensor): Tensor;
    not(): Tensor;
    /** This bool tensor chooses: `yes` where true, `no` where false. */
    where(yes: Operand, no: Operand): Tensor;
    cast(dtype: DType): Tensor;
  }
}

function comparison(name: string, onnx: string, expects: (t: Tensor) => boolean): Operator {
  return {
    name,
    infer([a, b]) {
      const shape = broadcastShapes(a!.shape, b!.shape);
      if (!shape || a!.dtype !== b!.dtype || !expects(a!)) {
        throw graphError(name, "two inputs of one fitting type whose shapes broadcast", [a!, b!]);
      }
      return { shape, dtype: "bool" };
    },
    gradient: () => [null, null],
    emit: (emitter, node) => emitter.node(onnx, emitter.names(node)),
  };
}

const numeric = (t: Tensor) => t.dtype === "float32" || t.dtype === "int32";
const logical = (t: Tensor) => t.dtype === "bool";

const comparisons = {
  less: comparison("less", "Less", numeric),
  lessOrEqual: comparison("lessOrEqual", "LessOrEqual", numeric),
  greater: comparison("greater", "Greater", numeric),
  greaterOrEqual: comparison("greaterOrEqual", "GreaterOrEqual", numeric),
  equal: comparison("equal", "Equal", numeric),
  and: comparison("and", "And", logical),
};

for (const [name, operator] of Object.entries(comparisons)) {
  Tensor.prototype[name as "less"] = function (this: Tensor, other: Operand) {
    return apply(operator, [this, lift(other, this)]);
  };
}

const not: Operator = {
  name: "not",
  infer([x]) {
    if (x!.dtype !== "bool") throw graphError("not", "a bool input", [x!]);
    return { shape: [...x!.shape], dtype: "bool" };
  },
  gradient: () => [null],
  emit: (emitter, node) => emitter.node("Not", emitter.names(node)),
};

Tensor.prototype.not = function () {
  return apply(not, [this]);
};

const where: Operator = {
  name: "where",
  infer([condition, yes, no]) {
    const values = broadcastShapes(yes!.shape, no!.shape);
    const shape = values && broadcastShapes(condition!.shape, values);
    if (!shape || condition!.dtype !== "bool" || yes!.dtype !== no!.dtype) {
      throw graphError("where", "a bool condition and two values of one type that broadcast", [
        condition!,
        yes!,
        no!,
      ]);
    }
    return { shape, dtype: yes!.dtype };
  },
  gradient({ inputs, upstream }) {
    const [condition, yes, no] = inputs as [Tensor, Tensor, Tensor];
    if (yes.dtype !== "float32") return [null, null, null];
    return [
      null,
      condition.where(upstream, 0).sumTo(yes.shape),
      condition.where(0, upstream).sumTo(no.shape),
    ];
  },
  emit: (emitter, node) => emitter.node("Where", emitter.names(node)),
};

// The WebGPU provider lacks Or.
Tensor.prototype.or = function (other) {
  return this.not().and(other.not()).not();
};

Tensor.prototype.where = function (yes, no) {
  const like = yes instanceof Tensor ? yes : no instanceof Tensor ? no : undefined;
  const [a, b] = [lift(yes, like ?? this), lift(no, like ?? this)];
  // ONNX Runtime has no selection between truth values.
  if (a.dtype === "bool" && b.dtype === "bool") return this.and(a).or(this.not().and(b));
  return apply(where, [this, a, b]);
};

const cast: Operator = {
  name: "cast",
  infer: ([x], { dtype }) => ({ shape: [...x!.shape], dtype: dtype as DType }),
  gradient: ({ inputs, upstream }) => [inputs[0]!.dtype === "float32" ? upstream : null],
  simplify: ([x], { dtype }) => (x!.dtype === dtype ? x! : null),
  emit: (emitter, node) => emitter.cast(emitter.name(node.inputs[0]!), node.dtype),
};

Tensor.prototype.cast = function (dtype) {
  return apply(cast, [this], { dtype });
};
