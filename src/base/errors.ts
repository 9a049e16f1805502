// The one error class that people see. Data first: the command line, the studio and programs
// each render the same parts in their own way.

/** Who can mend it: `usage` is a wrong call or configuration (exit code 2), `failure` the rest (1). */
export type ErrorKind = "usage" | "failure";

export interface ErrorParts {
  /** Stable, kebab-case, for programs: `file-missing`, `csv-ragged`. */
  code: string;
  /** What holds, and what was received instead: one sentence a person understands. */
  message: string;
  /** What to do about it. */
  hint: string;
  /** Default `failure`. */
  kind?: ErrorKind;
  /** Where in the data: a file, and a 1-based row (header counted) and column name if known. */
  where?: { file: string; row?: number; column?: string };
  cause?: unknown;
}

export class ElboError extends Error {
  override readonly name = "ElboError";
  readonly code: string;
  readonly hint: string;
  readonly kind: ErrorKind;
  readonly where: ErrorParts["where"];

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.hint = parts.hint;
    this.kind = parts.kind ?? "failure";
    this.where = parts.where;
  }
}

/** Errors cross threads as data: a copied Error would lose its class. */
export function errorParts(error: unknown): ErrorParts {
  if (error instanceof ElboError) {
    const { code, message, hint, kind, where } = error;
    return { code, message, hint, kind, ...(where ? { where } : {}) };
  }
  return {
    code: "internal",
    message: error instanceof Error ? error.message : String(error),
    hint: "This is a bug in elbo. Run with --debug and report what it prints.",
  };
}
