#!/usr/bin/env node
// The process's entry: answers --version without loading anything else.
import { readFileSync } from "node:fs";

const words = process.argv.slice(2);
if (words.includes("--version")) {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const json = words.includes("--json");
  process.stdout.write(`${json ? JSON.stringify({ ok: true, version }) : version}\n`);
} else {
  const { runProcess } = await import("./process.ts");
  await runProcess(words);
}
