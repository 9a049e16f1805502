// Pictures in another size: interpolation is linear in the pixels, so each axis is one matrix
// product, on every device and with its gradient for nothing.
import { ElboError } from "../../base/errors.ts";
import type { Tensor } from "../tensor.ts";
import { constant } from "./sources.ts";

export type Interpolation = "nearest" | "bilinear";

/** Row i holds the weights that the pixels of an axis have in pixel i of the resized one. */
function weights(from: number, to: number, mode: Interpolation): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    if (mode === "nearest") {
      matrix[i * from + Math.floor((i * from) / to)] = 1;
      continue;
    }
    const centre = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const left = Math.min(Math.floor(centre), from - 1);
    const right = Math.min(left + 1, from - 1);
    const share = centre - left;
    matrix[i * from + left]! += 1 - share;
    matrix[i * from + right]! += share;
  }
  return matrix;
}

/**
 * `(batch, channels, height, width)` at another height and width. Pixel centres are at half
 * integers and edges repeat, as PyTorch's `interpolate` with `align_corners=False`.
 */
export function resize(
  x: Tensor,
  [height, width]: readonly [number, number],
  mode: Interpolation = "bilinear",
): Tensor {
  const [rows, columns] = x.shape.slice(2) as [number, number];
  if (x.rank !== 4 || ![height, width].every((d) => Number.isInteger(d) && d > 0)) {
    throw new ElboError({
      code: "shape",
      kind: "usage",
      message: `resize expects (batch, channels, height, width) and a whole target size, received rank ${x.rank} and ${height}×${width}`,
      hint: "Reshape the input to four axes.",
    });
  }
  const vertical = constant(weights(rows, height, mode), [height, rows]);
  const horizontal = constant(weights(columns, width, mode), [width, columns]);
  return vertical.matmul(x.matmul(horizontal.transpose()));
}
