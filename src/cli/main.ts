#!/usr/bin/env node
// The process's entry: answers --version without loading anything else.
import { readFileSync } from "node:fs";

if (process.argv.includes("--version")) {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  process.stdout.write(`${(JSON.parse(manifest) as { version: string }).version}\n`);
}
