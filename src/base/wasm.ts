// WebAssembly modules that are kept as base64, and their memories.

/**
 * A module, compiled at first use and kept. Synchronous: each is a few kilobytes, which every engine compiles at
 * once in a worker, and current browsers on the page's own thread too.
 */
export function compiledOnce(base64: string): () => WebAssembly.Module {
  let compiled: WebAssembly.Module | undefined;
  return () => {
    compiled ??= new WebAssembly.Module(
      Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
    );
    return compiled;
  };
}

const pageBytes = 1 << 16;

/** Grows a memory to `bytes` at least; then views of it are to be made anew. */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
}
