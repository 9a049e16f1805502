// How far a command has come: on a terminal a line that is rewritten, elsewhere a line now and then.
import { clock } from "./format.ts";
import type { Talk } from "./talk.ts";

/** Without a terminal a line is told so seldom. */
const SECONDS = 10;

export const hasTerminal = () => Boolean(process.stderr.isTTY) && !process.env["CI"];

/** One line of a terminal, written over and over. */
export function terminalLine(columns: () => number) {
  let shown = false;
  return {
    show(text: string) {
      process.stderr.write(`\r\x1b[K${text.slice(0, columns() - 1)}`);
      shown = true;
    },
    clear() {
      if (shown) process.stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}

/** @param now in milliseconds. */
export function progressTalk(talk: Talk, what: string, now = () => performance.now()) {
  const line = terminalLine(() => process.stderr.columns ?? 80);
  const began = now();
  let last = began;
  return {
    /** @param share of all that is done. */
    onProgress(share: number): void {
      const since = (now() - began) / 1000;
      const left = share > 0 ? `, ${clock((since * (1 - share)) / share)} left` : "";
      const text = `${what}: ${Math.floor(100 * share)} %${left}`;
      if (talk.silent) return;
      if (hasTerminal()) line.show(text);
      else if (share < 1 && now() - last >= 1000 * SECONDS) {
        last = now();
        talk.say(text);
      }
    },
    clear: () => line.clear(),
  };
}
