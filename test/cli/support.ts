// Runs the built command line as people do: a process, its two streams, its exit code.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";

export const MAIN = resolve("dist/cli/main.js");

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

export function startElbo(cwd: string, ...words: string[]): ElboProcess {
  // A report takes longer than these trainings: ./report.test.ts asks for it.
  const [command, ...rest] = words;
  return startAsGiven(cwd, ...(command === "train" ? [command, "--no-report", ...rest] : words));
}

/** Runs exactly these words. */
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

/** Runs `elbo WORDS` in the folder `cwd` to its end. */
export function elbo(cwd: string, ...words: string[]): Promise<Outcome> {
  return startElbo(cwd, ...words).ended;
}

/** Runs a command that must succeed. */
export async function elboDone(cwd: string, ...words: string[]): Promise<Outcome> {
  const outcome = await elbo(cwd, ...words);
  expect(outcome, `elbo ${words.join(" ")}`).toMatchObject({ code: 0 });
  return outcome;
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
