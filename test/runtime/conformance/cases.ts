// The conformance suite: what every device must do alike.
import type { Case } from "./case.ts";
import { elementwise } from "./elementwise.ts";
import { executables } from "./executable.ts";
import { linear } from "./linear.ts";
import { structure } from "./structure.ts";

export const cases: readonly Case[] = [...elementwise, ...structure, ...linear, ...executables];
