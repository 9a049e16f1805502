// A tiny static server over the repository's folders, for pages in a real browser.
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * Serves `pages` (text by path), and files below `folders` of `root`, the repository.
 * @param folders of which the empty name is all of them.
 * @returns the address, and how to stop.
 */
export async function serve(
  pages: Readonly<Record<string, string>>,
  folders: readonly string[],
  root = ".",
): Promise<{ address: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    // WebAssembly's threads need a page of its own origin alone.
    const headers = {
      "content-type": types[extname(path)] ?? "text/plain",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    };
    const file = join(root, path);
    if (pages[path] !== undefined) response.writeHead(200, headers).end(pages[path]);
    else if (
      folders.some((folder) => path.startsWith(join("/", folder, "/"))) &&
      existsSync(file)
    ) {
      createReadStream(file).pipe(response.writeHead(200, headers));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
