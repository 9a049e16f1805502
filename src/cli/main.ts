#!/usr/bin/env node
// The process's entry: answers --version without loading anything else.
import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";

const words = process.argv.slice(2);
if (words.includes("--version")) {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const json = words.includes("--json");
  process.stdout.write(`${json ? JSON.stringify({ ok: true, version }) : version}\n`);
} else {
  // What was compiled once is kept for the next time, from Node 22 on.
  (nodeModule as { enableCompileCache?(): unknown }).enableCompileCache?.();
  const { runProcess } = await import("./process.ts");
  await runProcess(words);
}
