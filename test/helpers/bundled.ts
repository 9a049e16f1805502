// Code as a web page gets it: bundled by Vite for browsers, and refused where it needs Node.
import { relative } from "node:path";
import { build } from "vite";

export interface Bundle {
  /** Code by path: `/entry.js`, and what it loads when it is needed. */
  pages: Record<string, string>;
  /** Every module in it, as a path in the repository. */
  modules: string[];
}

/**
 * @param external modules that the page finds elsewhere.
 * @throws where a module of Node gets in, which no browser has.
 */
export async function bundled(entry: string, external: RegExp = /^(?!)/): Promise<Bundle> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: false,
      target: "es2023",
      lib: { entry, formats: ["es"], fileName: () => "entry.js" },
      rolldownOptions: { external },
    },
  });
  const [built] = [result].flat();
  if (!built || !("output" in built)) throw new Error("vite gave no bundle");
  const pages: Record<string, string> = {};
  const modules: string[] = [];
  for (const chunk of built.output) {
    if (chunk.type !== "chunk") continue;
    pages[`/${chunk.fileName}`] = chunk.code;
    modules.push(...chunk.moduleIds.map((id) => relative(".", id)));
    const nodeOnly = /__vite[-_]browser[-_]external|["']node:[a-z_/]+["']/g;
    const found = [...chunk.code.matchAll(nodeOnly)];
    if (found.length > 0) throw new Error(`the bundle holds modules of Node: ${found}`);
  }
  return { pages, modules };
}
