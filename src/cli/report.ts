// How an error reaches a person (two lines on stderr) or a program (one object on stdout).
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";

export function usageError(code: string, message: string, hint: string): ElboError {
  return new ElboError({ code, kind: "usage", message, hint });
}

function asElboError(error: unknown): ElboError {
  const known = fileError(error, (error as NodeJS.ErrnoException | null)?.path ?? "a file");
  if (known instanceof ElboError) return known;
  return new ElboError({
    code: "internal",
    message: `elbo failed unexpectedly: ${error instanceof Error ? error.message : String(error)}`,
    hint: "This is a bug in elbo. Run again with --debug and report what it prints.",
    cause: error,
  });
}

export function exitCodeOf(error: unknown): 1 | 2 {
  return asElboError(error).kind === "usage" ? 2 : 1;
}

/** An error's stack and those of its causes. */
function stacks(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause === undefined ? `${error.stack}` : `${error.stack}\ncaused by ${stacks(cause)}`;
}

export function reportError(error: unknown, { json, debug }: { json: boolean; debug: boolean }) {
  const { code, message, hint } = asElboError(error);
  if (json) {
    process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message, hint } })}\n`);
  } else {
    process.stderr.write(`error: ${message}\n${hint === "" ? "" : `hint: ${hint}\n`}`);
  }
  if (debug) process.stderr.write(`${stacks(error)}\n`);
}
