// Options of a command from a JSON file, read as if they stood on the command line; what stands
// there wins.
import { readFile } from "node:fs/promises";
import type { Command, Option } from "commander";
import { fileError } from "../base/file-errors.ts";
import { nearest } from "../base/suggest.ts";
import { usageError } from "./report.ts";

/** Options that say where things go or how they are told, not what is done. */
const never = [
  ...["config", "resume", "force", "no-report", "json", "quiet", "debug", "help", "version"],
];

function invalid(path: string, message: string, hint: string) {
  return usageError("config-file", `${path}: ${message}`, hint);
}

/** The texts that the option would be given as: one, or one for each of a list or an object. */
function textsOf(path: string, option: Option, value: unknown): string[] {
  const name = option.name();
  const plain = (of: unknown): of is string | number =>
    typeof of === "string" || typeof of === "number";
  if (plain(value)) return [String(value)];
  const repeats = option.description.includes("(repeatable)");
  if (repeats && Array.isArray(value) && value.every(plain)) return value.map(String);
  if (repeats && typeof value === "object" && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.every(([, each]) => plain(each))) return entries.map(([key, of]) => `${key}=${of}`);
  }
  throw invalid(
    path,
    `"${name}" is ${repeats ? "a text, a number, or several" : "a text or a number"}, received ${JSON.stringify(value)}`,
    `For example {"latent": 8, "network": "mlp:64", "target": ["income"]}.`,
  );
}

/**
 * Gives `command` the options of the file that its words have left out.
 * @throws ElboError `config-file` for what is no JSON object of the command's options, and what
 * the options' own parsers refuse.
 */
export async function applyConfigFile(command: Command, path: string): Promise<void> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw fileError(cause, path);
    throw invalid(path, `it is not valid JSON: ${cause.message}`, 'Write {"latent": 8}.');
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalid(path, "it is no JSON object", `Write {"latent": 8}.`);
  }
  const options = command.options.filter((option) => !never.includes(option.name()));
  const names = options.map((option) => option.name());
  for (const [name, value] of Object.entries(json)) {
    const option = options.find((each) => each.name() === name);
    if (option === undefined) {
      const guess = nearest(name, names);
      throw invalid(
        path,
        `"${name}" is no option that it may hold`,
        guess ? `Did you mean "${guess}"?` : `It may hold ${names.join(", ")}.`,
      );
    }
    const key = option.attributeName();
    if (command.getOptionValueSource(key) !== undefined) continue;
    const parsed = textsOf(path, option, value).reduce<unknown>(
      (before, text) => (option.parseArg ? option.parseArg(text, before) : text),
      undefined,
    );
    command.setOptionValueWithSource(key, parsed, "config");
  }
}
