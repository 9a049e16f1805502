// What commands say to people: on stderr, and not at all with --quiet or --json.
import type { WarningEvent } from "../train/events.ts";
import type { GlobalOptions } from "./options.ts";

type Warning = Omit<WarningEvent, "event">;

export interface Talk {
  /** Whether anybody hears it. */
  readonly silent: boolean;
  say(line: string): void;
  /** Says a warning, and remembers it for `--json`. */
  warn(warning: { code: string; message: string; why?: string; hint?: string }): void;
  readonly warnings: readonly Warning[];
}

/** One line of both: hints are sentences, or go on in small letters. */
function withHint(message: string, hint: string): string {
  if (hint === "") return message;
  return `${message}${/^[A-Z]/.test(hint) ? "." : ";"} ${hint}`;
}

export function talkTo({ quiet, json }: GlobalOptions): Talk {
  const silent = Boolean(quiet || json);
  const warnings: Warning[] = [];
  const say = (line: string) => {
    if (!silent) process.stderr.write(`${line}\n`);
  };
  return {
    silent,
    say,
    warn({ code, message, why, hint = "" }) {
      warnings.push({ code, message, ...(why === undefined ? {} : { why }), hint });
      if (why !== undefined) {
        say(`warning: ${message}`);
        say(`  why: ${why}`);
        say(`  try: ${hint}`);
        return;
      }
      say(`note: ${withHint(message, hint)}`);
    },
    warnings,
  };
}

/** Ends a command: one object on stdout with `--json`, else the `text` that is the result. */
export function finish(options: GlobalOptions, result: object, text = ""): void {
  process.stdout.write(options.json ? `${JSON.stringify({ ok: true, ...result })}\n` : text);
}
