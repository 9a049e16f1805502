// Reference values of special functions, and how far others are from them.
import { readFileSync } from "node:fs";
import * as special from "./special.ts";

interface SpecialFixture {
  functions: Record<string, { x: number[]; y: number[] }>;
  lgammaDifference: Record<"k" | "r" | "value" | "gradientR" | "gradientK", number[]>;
}

/** By mpmath. */
export const specialFixture = JSON.parse(
  readFileSync(new URL("../fixtures/special.json", import.meta.url), "utf8"),
) as SpecialFixture;

/** The oracle's float64 functions of one argument, by their operators' names. */
export const unaryFunctions: Readonly<Record<string, (x: number) => number>> = {
  erf: special.erf,
  lgamma: special.lgamma,
  digamma: special.digamma,
  trigamma: special.trigamma,
  log1p: Math.log1p,
  expm1: Math.expm1,
  softplus: special.softplus,
  logSigmoid: (x) => -special.softplus(-x),
  sigmoid: special.sigmoid,
  tanh: Math.tanh,
};

/** The largest error / (floor + |value|), and the index where it is. */
export function worst(
  received: ArrayLike<number>,
  expected: readonly number[],
  floor = 1,
): { largest: number; where: number } {
  const errors = expected.map((y, i) => Math.abs(received[i]! - y) / (floor + Math.abs(y)));
  const largest = errors.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), 0);
  return { largest, where: errors.indexOf(largest) };
}
