// Runs the built command line: as a process, or within this one by the function that the process
// runs, where nothing of a process is in question. ./process.test.ts holds that both say the same.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { runProgram } from "#elbo/cli/program.js";

export const MAIN = resolve("dist/main.js");

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface ElboProcess {
  child: ChildProcess;
  ended: Promise<Outcome>;
  /** Resolves when stdout holds `text`, and fails when the process ends without it. */
  shows(text: string): Promise<void>;
}

/** A report takes longer than these trainings: ./report.test.ts asks for it. */
function withoutReport([command, ...rest]: readonly string[]): string[] {
  if (command === undefined) return [];
  return command === "train" ? [command, "--no-report", ...rest] : [command, ...rest];
}

export function startElbo(cwd: string, ...words: string[]): ElboProcess {
  return startAsGiven(cwd, ...withoutReport(words));
}

/** Starts exactly these words. */
export function startAsGiven(cwd: string, ...words: string[]): ElboProcess {
  // A person's own settings of colour or CI are no part of a test.
  const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words], { cwd, env });
  let [stdout, stderr] = ["", ""];
  const waiting = new Set<() => void>();
  child.stdout.on("data", (text) => {
    stdout += text;
    for (const check of waiting) check();
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Outcome>((done) => {
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
  const shows = (text: string) =>
    new Promise<void>((done, fail) => {
      const check = () => {
        if (!stdout.includes(text)) return;
        waiting.delete(check);
        done();
      };
      waiting.add(check);
      check();
      ended.then(() => fail(new Error(`ended without "${text}": ${stdout}${stderr}`)));
    });
  return { child, ended, shows };
}

/** Keeps what is written to a stream of this process until `release`. */
function capture(stream: NodeJS.WriteStream) {
  const { write } = stream;
  let text = "";
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    const done = rest.at(-1);
    if (typeof done === "function") done();
    return true;
  };
  const release = () => {
    stream.write = write;
  };
  return { text: () => text, release };
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs `elbo WORDS` in the folder `cwd` to its end, within this process: one at a time. */
export async function elbo(cwd: string, ...words: string[]): Promise<Outcome> {
  const { exitCode } = process;
  const folder = process.cwd();
  const listening = new Set(signals.flatMap((signal) => process.listeners(signal)));
  process.chdir(cwd);
  process.exitCode = undefined;
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    await runProgram(withoutReport(words));
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const { release } of [stdout, stderr]) release();
    process.exitCode = exitCode;
    process.chdir(folder);
    // What waits for Ctrl-C ends with its process.
    for (const signal of signals) {
      for (const listener of process.listeners(signal)) {
        if (!listening.has(listener)) process.off(signal, listener);
      }
    }
  }
}

/** Runs `elbo WORDS` in the folder `cwd` to its end, as a process. */
export function elboProcess(cwd: string, ...words: string[]): Promise<Outcome> {
  return startElbo(cwd, ...words).ended;
}

function checkDone(outcome: Outcome, words: readonly string[]): Outcome {
  expect(outcome, `elbo ${words.join(" ")}`).toMatchObject({ code: 0 });
  return outcome;
}

/** Runs a command that must succeed. */
export async function elboDone(cwd: string, ...words: string[]): Promise<Outcome> {
  return checkDone(await elbo(cwd, ...words), words);
}

/** Runs a process that must succeed. */
export async function elboProcessDone(cwd: string, ...words: string[]): Promise<Outcome> {
  return checkDone(await elboProcess(cwd, ...words), words);
}

/** Runs a command that must fail, and checks both forms of its error against each other. */
export async function elboFails(cwd: string, code: number, ...words: string[]) {
  // One after the other: a run folder has room for one process.
  const plain = await elbo(cwd, ...words);
  const json = await elbo(cwd, ...words, "--json");
  expect(plain.code, `${plain.stdout}${plain.stderr}`).toBe(code);
  expect(plain.stdout).toBe("");
  expect(json.code).toBe(code);
  const last = json.stdout.trimEnd().split("\n").at(-1)!;
  const parsed = JSON.parse(last) as {
    ok: false;
    error: { code: string; message: string; hint: string };
  };
  expect(parsed.ok).toBe(false);
  const { error } = parsed;
  expect(Object.keys(error)).toEqual(["code", "message", "hint"]);
  expect(plain.stderr).toContain(`error: ${error.message}\n`);
  if (error.hint !== "") expect(plain.stderr).toContain(`hint: ${error.hint}\n`);
  expect(plain.stderr).not.toMatch(/^\s+at /m);
  expect(json.stderr).toBe("");
  return error;
}

/** Rows of numbers, always the same: columns that a model can learn something of. */
export function numbers(rows: number, columns: number): string {
  let state = 7;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const header = Array.from({ length: columns }, (_, j) => `c${j}`).join(",");
  const lines = Array.from({ length: rows }, () => {
    const [a, b] = [next(), next()];
    const cells = Array.from({ length: columns }, (_, j) => {
      return (a * Math.cos(j) + b * Math.sin(j) + 0.1 * next()).toFixed(4);
    });
    return cells.join(",");
  });
  return `${[header, ...lines].join("\n")}\n`;
}

export function writeData(folder: string, name: string, content: string | Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
  return name;
}
