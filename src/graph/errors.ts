// Errors of building a graph: the operator, the shapes it received, and the line of user code.
import { ElboError } from "../base/errors.ts";
import { formatShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** The first frame of the stack outside `inner` folders of this package, as `file:line:column`. */
function callerOutside(frames: readonly string[], inner: RegExp): string | undefined {
  const frame = frames.find((line) => /:\d+:\d+\)?$/.test(line) && !inner.test(line));
  return frame?.match(/\(?((?:[a-z]+:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/)?.[1];
}

/** Networks inside networks stand between an operator and the user's line: more than 10 frames. */
function deepStack(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return stack ?? "";
}

/** The line of user code that built the tensor: outside this package, else outside its graph. */
function userLine(): string | undefined {
  const frames = deepStack().split("\n").slice(1);
  // What ships lies in one folder (scripts/bundle.mjs); here graph/ is beside its users.
  const own = new URL(".", import.meta.url).href.replace(/\/graph\/$/, "/");
  const path = own.replace(/^file:\/\//, "");
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const inPackage = new RegExp(`${literal(path)}|node:internal`);
  const inGraph = new RegExp(`${literal(path)}graph/|node:internal`);
  return callerOutside(frames, inPackage) ?? callerOutside(frames, inGraph);
}

/** `matmul expects …, received (batch, 784) and (400, 20); at model.ts:12:9`. */
export function graphError(
  operator: string,
  expects: string,
  inputs: readonly Tensor[],
  hint = "Reshape or transpose an input so that the shapes fit.",
): ElboError {
  const received =
    inputs.map((t) => `${formatShape(t.shape)} ${t.dtype}`).join(" and ") || "nothing";
  const line = userLine();
  return new ElboError({
    code: "shape",
    kind: "usage",
    message: `${operator} expects ${expects}, received ${received}${line ? ` (at ${line})` : ""}`,
    hint,
  });
}
