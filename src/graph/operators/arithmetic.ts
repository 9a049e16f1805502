// Elementwise arithmetic of two tensors with NumPy's broadcasting.
import { graphError } from "../errors.ts";
import { BATCH, broadcastShapes, sameShape } from "../shape.ts";
import { apply, type GradientContext, type Operator, Tensor } from "../tensor.ts";
import { broadcastOperator, underTranspose } from "./reshape.ts";
import { joined } from "./slice.ts";
import { constant, constantValue } from "./sources.ts";

/** A tensor, or a number that stands for a scalar of the other operand's type. */
export type Operand = Tensor | number;

declare module "../tensor.ts" {
  interface Tensor {
    add(other: Operand): Tensor;
    sub(other: Operand): Tensor;
    mul(other: Operand): Tensor;
    div(other: Operand): Tensor;
    /** this^exponent; the gradient by the exponent needs a positive base. */
    pow(exponent: Operand): Tensor;
    /** The larger of two; where equal, each gets half the gradient. */
    maximum(other: Operand): Tensor;
    /** The smaller of two; where equal, each gets half the gradient. */
    minimum(other: Operand): Tensor;
    /** Limited to [low, high], with a zero gradient outside. */
    clip(low: number, high: number): Tensor;
  }
}

export function lift(value: Operand, like: Tensor): Tensor {
  if (value instanceof Tensor) return value;
  return constant(value, [], like.dtype === "int32" ? "int32" : "float32");
}

interface Binary {
  name: string;
  onnx: string;
  fold(a: number, b: number): number;
  gradient(context: GradientContext & { a: Tensor; b: Tensor }): [Tensor, Tensor];
  /** The constant right operand that changes nothing, and whether it may stand left as well. */
  identity?: number;
  commutes?: boolean;
  /** Fewer nodes of equal value, if the operands allow it. */
  rewrite?(a: Tensor, b: Tensor): Tensor | null;
}

const isNegated = (x: Tensor) => x.operator.name === "neg";

function binary(definition: Binary): Operator {
  const { name, identity, commutes } = definition;
  const operator: Operator = {
    name,
    infer([a, b]) {
      const shape = broadcastShapes(a!.shape, b!.shape);
      if (!shape || a!.dtype !== b!.dtype || a!.dtype === "bool" || a!.dtype === "uint8") {
        throw graphError(name, "two numeric inputs of one type whose shapes broadcast", [a!, b!]);
      }
      return { shape, dtype: a!.dtype };
    },
    gradient(context) {
      const [a, b] = context.inputs as [Tensor, Tensor];
      const [da, db] = definition.gradient({ ...context, a, b });
      return [da.sumTo(a.shape), db.sumTo(b.shape)];
    },
    simplify([a, b]) {
      const [p, q] = [constantValue(a!), constantValue(b!)];
      const shape = broadcastShapes(a!.shape, b!.shape)!;
      if (p !== undefined && q !== undefined && shape.every((d) => d === 1)) {
        return constant([definition.fold(p, q)], shape, a!.dtype as "float32" | "int32");
      }
      if (q !== undefined && q === identity && sameShape(shape, a!.shape)) return a!;
      if (commutes && p !== undefined && p === identity && sameShape(shape, b!.shape)) return b!;
      // Elementwise operators broadcast by themselves: an explicit broadcast waits until after.
      for (const [i, operand] of [a!, b!].entries()) {
        if (operand.operator !== broadcastOperator) continue;
        const [x, other] = [operand.inputs[0]!, i === 0 ? b! : a!];
        return apply(operator, i === 0 ? [x, other] : [other, x]).broadcastTo(shape);
      }
      const rewritten = definition.rewrite?.(a!, b!);
      if (rewritten) return rewritten;
      // Transposes wait until after, where they may meet another.
      const under = underTranspose([a!, b!]);
      return under && apply(operator, under.operands).transpose(under.permutation);
    },
    emit: (emitter, node) => emitter.node(definition.onnx, emitter.names(node)),
    elementwise: { type: definition.onnx },
  };
  return operator;
}

const perRow = (x: Tensor) => x.shape.includes(BATCH);

/** (x + c) + b as x + (c + b), where only x has rows: one sum over them instead of two. */
function biasesFirst(sum: Tensor, b: Tensor): Tensor | null {
  if (sum.operator.name !== "add" || perRow(b)) return null;
  const [x, c] = sum.inputs as [Tensor, Tensor];
  if (perRow(x) && !perRow(c)) return x.add(c.add(b));
  return perRow(c) && !perRow(x) ? c.add(x.add(b)) : null;
}

export const addOperator = binary({
  name: "add",
  rewrite(a, b) {
    if (isNegated(a)) return b.sub(a.inputs[0]!);
    if (isNegated(b)) return a.sub(b.inputs[0]!);
    if (a === b) return a.mul(2);
    const biased = biasesFirst(a, b) ?? biasesFirst(b, a);
    if (biased) return biased;
    return joined(a, b) ?? joined(b, a);
  },
  onnx: "Add",
  fold: (a, b) => a + b,
  identity: 0,
  commutes: true,
  gradient: ({ upstream }) => [upstream, upstream],
});
const sub = binary({
  name: "sub",
  rewrite: (a, b) => (isNegated(b) ? a.add(b.inputs[0]!) : null),
  onnx: "Sub",
  fold: (a, b) => a - b,
  identity: 0,
  gradient: ({ upstream }) => [upstream, upstream.neg()],
});
/** A factor of one value, and the rest, of a product. */
function scaled(x: Tensor): { factor: Tensor; rest: Tensor } | null {
  if (x.operator.name !== "mul") return null;
  const [a, b] = x.inputs as [Tensor, Tensor];
  if (isSingle(a)) return { factor: a, rest: b };
  return isSingle(b) ? { factor: b, rest: a } : null;
}

const isSingle = (x: Tensor) => x.shape.every((d) => d === 1);

/** c·(s·x) as (c·s)·x: factors of one value meet before they touch a large tensor. */
function gatherFactors(c: Tensor, product: Tensor): Tensor | null {
  const parts = isSingle(c) ? scaled(product) : null;
  if (!parts || isSingle(parts.rest) !== isSingle(product)) return null;
  if (isSingle(parts.rest) && constantValue(parts.factor) === undefined) return null;
  return c.mul(parts.factor).mul(parts.rest);
}

const mul = binary({
  name: "mul",
  rewrite: (a, b) => gatherFactors(a, b) ?? gatherFactors(b, a),
  onnx: "Mul",
  fold: (a, b) => a * b,
  identity: 1,
  commutes: true,
  gradient: ({ upstream, a, b }) => [upstream.mul(b), upstream.mul(a)],
});
const div = binary({
  name: "div",
  onnx: "Div",
  fold: (a, b) => a / b,
  identity: 1,
  gradient({ upstream, b, output }) {
    const da = upstream.div(b);
    return [da, da.mul(output).neg()];
  },
});
/** The smallest normal float32: log of it is finite, so that the gradient of 0^b is 0. */
const SMALLEST = 2 ** -126;

const pow = binary({
  name: "pow",
  onnx: "Pow",
  fold: (a, b) => a ** b,
  identity: 1,
  gradient: ({ upstream, a, b, output }) => [
    upstream.mul(b).mul(a.pow(b.sub(1))),
    upstream.mul(output).mul(a.maximum(SMALLEST).log()),
  ],
});

/** Each side's share of the gradient of the larger or smaller: 1, 0, or ½ where they are equal. */
function shares(larger: Tensor, smaller: Tensor): [Tensor, Tensor] {
  const share = (p: Tensor, q: Tensor) =>
    p.greater(q).cast("float32").add(p.equal(q).cast("float32").mul(0.5));
  return [share(larger, smaller), share(smaller, larger)];
}

const maximum = binary({
  name: "maximum",
  onnx: "Max",
  fold: Math.max,
  commutes: true,
  gradient({ upstream, a, b }) {
    const [p, q] = shares(a, b);
    return [upstream.mul(p), upstream.mul(q)];
  },
});
const minimum = binary({
  name: "minimum",
  onnx: "Min",
  fold: Math.min,
  commutes: true,
  gradient({ upstream, a, b }) {
    const [p, q] = shares(b, a);
    return [upstream.mul(p), upstream.mul(q)];
  },
});

for (const [name, operator] of Object.entries({
  add: addOperator,
  sub,
  mul,
  div,
  pow,
  maximum,
  minimum,
})) {
  Tensor.prototype[name as "add"] = function (this: Tensor, other: Operand) {
    return apply(operator, [this, lift(other, this)]);
  };
}

Tensor.prototype.clip = function (low, high) {
  return this.maximum(low).minimum(high);
};
