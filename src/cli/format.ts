// Durations and lists as a terminal shows them; numbers and names are src/base/words.ts.

export { amount, counted, figure, percent, shellWord } from "../base/words.ts";

/** `0:42`, `3:05`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

/** `0.4 s`, or a clock from a minute on. */
export function duration(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : clock(seconds);
}

/** Lines of a name and its text, the texts in one column. */
export function aligned(lines: readonly (readonly [name: string, text: string])[]): string[] {
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines.map(([name, text]) => `${name.padEnd(width)}${text}`);
}
