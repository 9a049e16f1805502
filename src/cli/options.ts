// Options that several commands have, and how their values are read.
import type { Command } from "commander";
import type { TaskOptions } from "../tasks/run.ts";
import { usageError } from "./report.ts";

/** Given before or after any command. */
export interface GlobalOptions {
  json?: true;
  quiet?: true;
  debug?: true;
}

/** Reads an option's number, all of it: `12abc` is none. */
export function numberOf(option: string): (text: string) => number {
  return (text) => {
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
    throw usageError(
      "option-value",
      `${option} takes a number, received "${text}"`,
      `Write it as 10, 0.5 or 1e-3.`,
    );
  };
}

/** Adds `--name <N>` options that take numbers. */
export function numberOption(command: Command, flags: string, description: string): Command {
  const [option] = flags.split(" ").filter((word) => word.startsWith("-")) as [string];
  return command.option(flags, description, numberOf(option));
}

/** Adds a repeatable option that names columns. */
export function columnsOption(command: Command, flags: string, description: string): Command {
  return command.option(flags, description, (name: string, before: string[] = []) => [
    ...before,
    name,
  ]);
}

/** Adds a repeatable option whose flags give its form: `--where <COLUMN=VALUE>`. */
export function pairOption(
  command: Command,
  flags: string,
  description: string,
  example: string,
): Command {
  const [option, form] = flags.split(/[ <>]+/) as [string, string];
  return command.option(flags, description, (text: string, before: object = {}) => {
    const place = text.indexOf("=");
    if (place > 0) return { ...before, [text.slice(0, place)]: text.slice(place + 1) };
    throw usageError(
      "option-value",
      `${option} is ${form}, received "${text}"`,
      `For example ${example}.`,
    );
  });
}

/** Where a task computes. */
export function computeOptions(command: Command): Command {
  command.option("--device <NAME>", "auto, cpu, wasm, webgpu or cuda (default: auto)");
  return numberOption(command, "--threads <N>", "threads (default: one for each core)");
}

/** What every task that writes a file takes. */
export function outputOptions(command: Command, formats: string): Command {
  return command
    .requiredOption("-o, --out <FILE>", `where to write: ${formats}`)
    .option("--force", "replace FILE if it exists");
}

export interface OutputOptions extends GlobalOptions, TaskOptions {
  out: string;
  force?: true;
}

export const TABLE_FORMATS = ".csv, .json, .ndjson, .npy, .npz or .parquet";
export const ROW_FORMATS = `tables as ${TABLE_FORMATS}; images as .png (one grid), .npy, .npz or a folder`;
