// elbo methods: what can be trained, each with its paper and its options.
import type { Command } from "commander";
import type { OptionSpecs } from "../models/method-options.ts";
import type { Method } from "../models/model.ts";
import { aligned } from "./format.ts";
import type { GlobalOptions } from "./options.ts";

const help = `
Examples:
  $ elbo methods
  $ elbo methods beta-tcvae
  $ elbo train data.csv --method beta-tcvae --method-option mutual-information=0.5`;

function limitsOf(spec: OptionSpecs[string]): string {
  if (spec.type === "choice") return `${spec.choices.join(", ")}; default ${spec.default}`;
  const upper = spec.max === Number.MAX_VALUE ? "on" : `to ${spec.max}`;
  const sort = spec.integer ? "a whole number" : "a number";
  const part = spec.of ? `; with ${spec.of[0]} ${spec.of[1].join(" or ")}` : "";
  return `${sort} from ${spec.min} ${upper}; default ${spec.default}${part}`;
}

function describe(name: string, { title, summary, paper, options, prior }: Method): string {
  const rows = Object.entries(options).map(([option, spec]): [string, string] => [
    `  ${option}`,
    `${spec.about} (${limitsOf(spec)})`,
  ]);
  return [
    `${name}: ${title}`,
    summary,
    paper,
    prior
      ? "elbo sample draws new rows of its prior."
      : "It has no prior: elbo sample fits a mixture of Gaussians to its latents.",
    ...(rows.length === 0 ? ["It has no options of its own."] : ["options:", ...aligned(rows)]),
  ].join("\n");
}

export function methodsCommand(program: Command): void {
  program
    .command("methods [NAME]")
    .summary("the models that train can learn; with NAME, one and its options")
    .description("Lists the methods of elbo train, or shows one with its paper and its options.")
    .addHelpText("after", help)
    .action(async (name: string | undefined, _: unknown, self: Command) => {
      const { checkMethod } = await import("../models/methods/called.ts");
      const { methodNames, methods } = await import("../models/methods/index.ts");
      const { json } = self.optsWithGlobals<GlobalOptions>();
      if (name !== undefined) checkMethod("NAME", name);
      const chosen = methodNames.filter((each) => name === undefined || each === name);
      if (json) {
        const list = chosen.map((each) => {
          const { title, summary, paper, probabilistic, options, prior } = methods[each];
          const samples = prior !== undefined;
          return { name: each, title, summary, paper, probabilistic, samples, options };
        });
        process.stdout.write(`${JSON.stringify({ ok: true, methods: list })}\n`);
        return;
      }
      const text =
        name === undefined
          ? aligned(chosen.map((each) => [each, methods[each].summary])).join("\n")
          : describe(name, methods[chosen[0]!]);
      process.stdout.write(`${text}\n`);
    });
}
