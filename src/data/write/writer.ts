// What all writers share: they end once, and leave no half a file when anything fails.
import { fileError } from "../../base/file-errors.ts";
import { usageError } from "./columns.ts";

/** A format's part of a writer, which need not think of failures. */
export interface Output<Part extends readonly unknown[]> {
  write(...part: Part): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** `output`, aborted by the first failure, and refusing to be used after its end. */
export function guarded<Part extends readonly unknown[]>(
  path: string,
  output: Output<Part>,
): Output<Part> {
  let open = true;
  const attempt = async (act: () => Promise<void>) => {
    if (!open) {
      throw usageError("writer-closed", `${path} was closed before`, "open another writer");
    }
    try {
      await act();
    } catch (cause) {
      open = false;
      await output.abort();
      throw fileError(cause, path);
    }
  };
  return {
    write: (...part) => attempt(() => output.write(...part)),
    async close() {
      await attempt(() => output.close());
      open = false;
    },
    async abort() {
      if (open) await output.abort();
      open = false;
    },
  };
}
