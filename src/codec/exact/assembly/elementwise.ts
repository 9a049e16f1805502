// Elementwise operations over tensors that broadcast. A row of the output is worked on by fours: what
// its last four spill is overwritten by the next row, and by nothing after the last, which has room.
import { demote, erfWide, expWide, logWide, powWide, promoteHigh, sigmoidWide, tanhWide } from "./functions";
import * as op from "./operations";
import { single } from "./scratch";
import { sinOf } from "./trigonometry";

// @ts-ignore: decorator
@inline
function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Truth as float32 or int32: true has all bits set. */
// @ts-ignore: decorator
@inline
function unaryValue(code: i32, x: v128): v128 {
  if (code == op.neg) return f32x4.neg(x);
  if (code == op.abs) return f32x4.abs(x);
  if (code == op.sqrt) return f32x4.sqrt(x);
  if (code == op.reciprocal) return f32x4.div(f32x4.splat(1), x);
  if (code == op.floor) return f32x4.floor(x);
  if (code == op.relu) return f32x4.pmax(x, f32x4.splat(0));
  if (code == op.unitStep) return v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.splat(1));
  if (code == op.exp) return demote(expWide(low(x)), expWide(promoteHigh(x)));
  if (code == op.log) return demote(logWide(low(x)), logWide(promoteHigh(x)));
  if (code == op.tanh) return demote(tanhWide(low(x)), tanhWide(promoteHigh(x)));
  if (code == op.sigmoid) return demote(sigmoidWide(low(x)), sigmoidWide(promoteHigh(x)));
  if (code == op.erf) return demote(erfWide(low(x)), erfWide(promoteHigh(x)));
  if (code == op.sin) return sinOf(x, 0);
  if (code == op.cos) return sinOf(x, 1);
  if (code == op.not) return v128.not(x);
  if (code == op.floatToInt) return i32x4.trunc_sat_f32x4_s(x);
  if (code == op.floatToByte) return v128.and(i32x4.trunc_sat_f32x4_s(x), i32x4.splat(255));
  if (code == op.floatToBool) return f32x4.ne(x, f32x4.splat(0));
  if (code == op.intToFloat) return f32x4.convert_i32x4_s(x);
  if (code == op.intToByte) return v128.and(x, i32x4.splat(255));
  if (code == op.intToBool) return i32x4.ne(x, i32x4.splat(0));
  if (code == op.boolToFloat) return v128.and(x, f32x4.splat(1));
  if (code == op.boolToInt) return v128.and(x, i32x4.splat(1));
  return v128.bitselect(x, i32x4.splat(0x7fc00000), f32x4.eq(x, x));
}

/** a / b of whole numbers, cut towards 0; 0 where b is 0. */
function divideWhole(a: i32, b: i32): i32 {
  if (b == 0) return 0;
  return b == -1 ? -a : a / b;
}

function divideInts(a: v128, b: v128): v128 {
  let result = i32x4.splat(divideWhole(i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0)));
  result = i32x4.replace_lane(result, 1, divideWhole(i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1)));
  result = i32x4.replace_lane(result, 2, divideWhole(i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2)));
  return i32x4.replace_lane(result, 3, divideWhole(i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3)));
}

// @ts-ignore: decorator
@inline
function binaryValue(code: i32, a: v128, b: v128): v128 {
  if (code == op.add) return f32x4.add(a, b);
  if (code == op.sub) return f32x4.sub(a, b);
  if (code == op.mul) return f32x4.mul(a, b);
  if (code == op.div) return f32x4.div(a, b);
  if (code == op.maximum) return f32x4.max(a, b);
  if (code == op.minimum) return f32x4.min(a, b);
  if (code == op.pow) return demote(powWide(low(a), low(b)), powWide(promoteHigh(a), promoteHigh(b)));
  if (code == op.less) return f32x4.lt(a, b);
  if (code == op.lessOrEqual) return f32x4.le(a, b);
  if (code == op.greater) return f32x4.gt(a, b);
  if (code == op.greaterOrEqual) return f32x4.ge(a, b);
  if (code == op.equal) return f32x4.eq(a, b);
  if (code == op.and) return v128.and(a, b);
  if (code == op.addInt) return i32x4.add(a, b);
  if (code == op.subInt) return i32x4.sub(a, b);
  if (code == op.mulInt) return i32x4.mul(a, b);
  if (code == op.divInt) return divideInts(a, b);
  if (code == op.maximumInt) return i32x4.max_s(a, b);
  if (code == op.minimumInt) return i32x4.min_s(a, b);
  if (code == op.lessInt) return i32x4.lt_s(a, b);
  if (code == op.lessOrEqualInt) return i32x4.le_s(a, b);
  if (code == op.greaterInt) return i32x4.gt_s(a, b);
  if (code == op.greaterOrEqualInt) return i32x4.ge_s(a, b);
  return i32x4.eq(a, b);
}

// @ts-ignore: decorator
@inline
function unaryLoop(code: i32, d: usize, end: usize, a: usize, aStep: usize): void {
  for (; d < end; d += 16, a += aStep) v128.store(d, unaryValue(code, v128.load(a)));
}

// @ts-ignore: decorator
@inline
function binaryLoop(code: i32, d: usize, end: usize, a: usize, aStep: usize, b: usize, bStep: usize): void {
  for (; d < end; d += 16, a += aStep, b += bStep) {
    v128.store(d, binaryValue(code, v128.load(a), v128.load(b)));
  }
}

function unaryRow(code: i32, d: usize, end: usize, a: usize, i: usize): void {
  switch (code) {
    case op.neg: return unaryLoop(op.neg, d, end, a, i);
    case op.abs: return unaryLoop(op.abs, d, end, a, i);
    case op.sqrt: return unaryLoop(op.sqrt, d, end, a, i);
    case op.reciprocal: return unaryLoop(op.reciprocal, d, end, a, i);
    case op.floor: return unaryLoop(op.floor, d, end, a, i);
    case op.relu: return unaryLoop(op.relu, d, end, a, i);
    case op.unitStep: return unaryLoop(op.unitStep, d, end, a, i);
    case op.exp: return unaryLoop(op.exp, d, end, a, i);
    case op.log: return unaryLoop(op.log, d, end, a, i);
    case op.tanh: return unaryLoop(op.tanh, d, end, a, i);
    case op.sigmoid: return unaryLoop(op.sigmoid, d, end, a, i);
    case op.erf: return unaryLoop(op.erf, d, end, a, i);
    case op.sin: return unaryLoop(op.sin, d, end, a, i);
    case op.cos: return unaryLoop(op.cos, d, end, a, i);
    case op.not: return unaryLoop(op.not, d, end, a, i);
    case op.floatToInt: return unaryLoop(op.floatToInt, d, end, a, i);
    case op.floatToByte: return unaryLoop(op.floatToByte, d, end, a, i);
    case op.floatToBool: return unaryLoop(op.floatToBool, d, end, a, i);
    case op.intToFloat: return unaryLoop(op.intToFloat, d, end, a, i);
    case op.intToByte: return unaryLoop(op.intToByte, d, end, a, i);
    case op.intToBool: return unaryLoop(op.intToBool, d, end, a, i);
    case op.boolToFloat: return unaryLoop(op.boolToFloat, d, end, a, i);
    case op.boolToInt: return unaryLoop(op.boolToInt, d, end, a, i);
    case op.canonical: return unaryLoop(op.canonical, d, end, a, i);
  }
}

function binaryRow(code: i32, d: usize, end: usize, a: usize, i: usize, b: usize, j: usize): void {
  switch (code) {
    case op.add: return binaryLoop(op.add, d, end, a, i, b, j);
    case op.sub: return binaryLoop(op.sub, d, end, a, i, b, j);
    case op.mul: return binaryLoop(op.mul, d, end, a, i, b, j);
    case op.div: return binaryLoop(op.div, d, end, a, i, b, j);
    case op.maximum: return binaryLoop(op.maximum, d, end, a, i, b, j);
    case op.minimum: return binaryLoop(op.minimum, d, end, a, i, b, j);
    case op.pow: return binaryLoop(op.pow, d, end, a, i, b, j);
    case op.less: return binaryLoop(op.less, d, end, a, i, b, j);
    case op.lessOrEqual: return binaryLoop(op.lessOrEqual, d, end, a, i, b, j);
    case op.greater: return binaryLoop(op.greater, d, end, a, i, b, j);
    case op.greaterOrEqual: return binaryLoop(op.greaterOrEqual, d, end, a, i, b, j);
    case op.equal: return binaryLoop(op.equal, d, end, a, i, b, j);
    case op.and: return binaryLoop(op.and, d, end, a, i, b, j);
    case op.addInt: return binaryLoop(op.addInt, d, end, a, i, b, j);
    case op.subInt: return binaryLoop(op.subInt, d, end, a, i, b, j);
    case op.mulInt: return binaryLoop(op.mulInt, d, end, a, i, b, j);
    case op.divInt: return binaryLoop(op.divInt, d, end, a, i, b, j);
    case op.maximumInt: return binaryLoop(op.maximumInt, d, end, a, i, b, j);
    case op.minimumInt: return binaryLoop(op.minimumInt, d, end, a, i, b, j);
    case op.lessInt: return binaryLoop(op.lessInt, d, end, a, i, b, j);
    case op.lessOrEqualInt: return binaryLoop(op.lessOrEqualInt, d, end, a, i, b, j);
    case op.greaterInt: return binaryLoop(op.greaterInt, d, end, a, i, b, j);
    case op.greaterOrEqualInt: return binaryLoop(op.greaterOrEqualInt, d, end, a, i, b, j);
    case op.equalInt: return binaryLoop(op.equalInt, d, end, a, i, b, j);
  }
}

function whereRow(d: usize, end: usize, a: usize, i: usize, b: usize, j: usize, c: usize, k: usize): void {
  for (; d < end; d += 16, a += i, b += j, c += k) {
    v128.store(d, v128.bitselect(v128.load(b), v128.load(c), v128.load(a)));
  }
}

/** Where a row of an operand is read: in place, or from four copies of the one value that it has. */
// @ts-ignore: decorator
@inline
function place(at: usize, stride: usize, which: usize): usize {
  if (stride != 0) return at;
  v128.store(single + (which << 4), v128.load32_splat(at));
  return single + (which << 4);
}

/**
 * d = code(a, b, c) over the nest at `table`: the number of outer axes, the length of a row and its
 * steps in a, b and c (16 bytes or none), then of each outer axis, the innermost first, its size and
 * how many bytes a, b and c move on at its next index, all inner ones back at 0.
 */
export function elementwise(code: i32, d: usize, a: usize, b: usize, c: usize, table: usize): void {
  const axes = load<u32>(table);
  const bytes = <usize>load<u32>(table, 4) << 2;
  const aStep = <usize>load<u32>(table, 8);
  const bStep = <usize>load<u32>(table, 12);
  const cStep = <usize>load<u32>(table, 16);
  const first = table + 20;
  while (true) {
    const end = d + bytes;
    const atA = place(a, aStep, 0);
    if (code < op.add) unaryRow(code, d, end, atA, aStep);
    else {
      const atB = place(b, bStep, 1);
      if (code < op.where) binaryRow(code, d, end, atA, aStep, atB, bStep);
      else whereRow(d, end, atA, aStep, atB, bStep, place(c, cStep, 2), cStep);
    }
    d = end;
    let axis = first;
    let left = axes;
    for (; left > 0; left--, axis += 20) {
      const index = load<u32>(axis, 4) + 1;
      if (index < load<u32>(axis)) {
        store<u32>(axis, index, 4);
        a += load<u32>(axis, 8);
        b += load<u32>(axis, 12);
        c += load<u32>(axis, 16);
        break;
      }
      store<u32>(axis, 0, 4);
    }
    if (left == 0) return;
  }
}
