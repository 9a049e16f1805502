// Files by a pattern: `*` and `?` within a name, `[abc]`, and `**` for any folders.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, parse, sep } from "node:path";
import { ElboError } from "../../base/errors.ts";
import { fileError, systemCode } from "../../base/file-errors.ts";

const isPattern = (text: string) => /[*?[]/.test(text);

/** Whether `text` is a pattern and no file or folder is called so. */
export const isGlob = (text: string) => isPattern(text) && !existsSync(text);

/** A pattern of one name as a regular expression. */
function nameTest(pattern: string): RegExp {
  const source = pattern.replace(/\[(!?)([^\]]+)\]|[\s\S]/g, (part, not?: string, set?: string) => {
    if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\^]/g, "\\$&")}]`;
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.replace(/[.+^${}()|[\]\\]/, "\\$&");
  });
  return new RegExp(`^${source}$`, "su");
}

interface Entry {
  name: string;
  folder: boolean;
}

async function entriesOf(folder: string): Promise<Entry[]> {
  try {
    const found = await readdir(folder === "" ? "." : folder, { withFileTypes: true });
    return found
      .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(cause) ?? "")) return [];
    throw fileError(cause, folder);
  }
}

/** Dot files are found only by a pattern that begins with a dot, as in a shell. */
const hidden = (name: string, pattern: string) => name.startsWith(".") && !pattern.startsWith(".");

async function search(folder: string, parts: readonly string[], found: Set<string>): Promise<void> {
  const [part, ...rest] = parts as [string, ...string[]];
  if (part === "**") {
    await search(folder, rest.length > 0 ? rest : ["*"], found);
    for (const entry of await entriesOf(folder)) {
      if (entry.folder && !hidden(entry.name, part)) {
        await search(join(folder, entry.name), parts, found);
      }
    }
    return;
  }
  if (!isPattern(part)) {
    const path = join(folder, part);
    if (rest.length > 0) await search(path, rest, found);
    else if (existsSync(path)) found.add(path);
    return;
  }
  const test = nameTest(part);
  for (const entry of await entriesOf(folder)) {
    if (!test.test(entry.name) || hidden(entry.name, part)) continue;
    const path = join(folder, entry.name);
    if (rest.length > 0) await search(path, rest, found);
    else if (!entry.folder) found.add(path);
  }
}

/**
 * The files of a pattern, by name.
 * @throws ElboError `file-missing` where there are none.
 */
export async function filesOf(pattern: string): Promise<string[]> {
  const { root } = parse(pattern);
  const parts = pattern
    .slice(root.length)
    .split(sep === "\\" ? /[\\/]+/ : /\/+/)
    .filter((part) => part !== "");
  const found = new Set<string>();
  await search(root, parts, found);
  if (found.size > 0) return [...found].sort();
  throw new ElboError({
    code: "file-missing",
    message: `no file matches ${pattern}`,
    hint: "check the pattern; it is taken from the folder you are in, and may need single quotes",
    where: { file: pattern },
  });
}
