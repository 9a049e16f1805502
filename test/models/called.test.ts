// What methods are called elsewhere: each answer is one that train takes.
import { expect, test } from "vitest";
import { resolveOptions } from "#elbo/models/method-options.js";
import { called, checkMethod } from "#elbo/models/methods/called.js";
import { type MethodName, methodNames, methods } from "#elbo/models/methods/index.js";
import { elboError } from "../helpers/errors.ts";

test.each(Object.entries(called))("%s is %s", async (name, words) => {
  const [flag, method, ...rest] = words.split(" ");
  expect(flag).toBe("--method");
  expect(methodNames).toContain(method);
  const given = new Map(rest.flatMap((word, i) => (i % 2 === 0 ? [[word, rest[i + 1]!]] : [])));
  const flags = ["--beta", "--capacity", "--warmup", "--condition", "--target", "--network"];
  for (const each of given.keys()) expect([...flags, "--method-option"]).toContain(each);
  const option = given.get("--method-option")?.split("=") as [string, string] | undefined;
  const options = option ? { [option[0]]: option[1] } : {};
  resolveOptions(method!, methods[method as MethodName].options, options);
  // No method has that name itself, or it would be shadowed.
  expect(methodNames).not.toContain(name);
  const error = await elboError(() => checkMethod("--method", name));
  expect(error).toMatchObject({ code: "option-value", kind: "usage" });
  expect(error.hint).toContain(words);
});
