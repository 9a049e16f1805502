// All families of operators: importing this gives Tensor its methods.
import "./arithmetic.ts";
import "./compare.ts";
import "./control.ts";
import "./convolution.ts";
import "./elementwise.ts";
import "./gamma.ts";
import "./gather.ts";
import "./matmul.ts";
import "./reduce.ts";
import "./reshape.ts";
import "./softmax.ts";
import "./special.ts";

export type { Operand } from "./arithmetic.ts";
export {
  type ConvolutionOptions,
  convolutionOperators,
  type TransposedConvolutionOptions,
} from "./convolution.ts";
export { polynomial } from "./polynomial.ts";
export { resize } from "./resize.ts";
export { concat } from "./slice.ts";
export { constant, input, parameter } from "./sources.ts";
