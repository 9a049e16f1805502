// The conformance suite: what every device must do alike.
import type { Case } from "./case.ts";
import { elementwise } from "./elementwise.ts";
import { executables } from "./executable.ts";
import { likelihoods } from "./likelihoods.ts";
import { linear } from "./linear.ts";
import { special } from "./special.ts";
import { structure } from "./structure.ts";
import { training } from "./training.ts";

export const cases: readonly Case[] = [
  ...elementwise,
  ...structure,
  ...linear,
  ...executables,
  ...special,
  ...likelihoods,
  ...training,
];
