// An example of every operator, under the name of its method or function.
import type { Case } from "../draw.ts";
import { alongAxes } from "./along.ts";
import { elementwise } from "./elementwise.ts";
import { flat } from "./flat.ts";
import { layout } from "./layout.ts";
import { linear } from "./linear.ts";

export const cases: Readonly<Record<string, Case>> = {
  ...elementwise,
  ...layout,
  ...alongAxes,
  ...linear,
  ...flat,
};
