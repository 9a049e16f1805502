// HTML as values: what is put into a template is escaped, unless it is HTML already.
import { figure } from "../base/words.ts";

/** Text that is HTML. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Ends a script. Not written in a template: who joins files rewrites those that hold it. */
export const SCRIPT_END = new Html("</script>");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escaped = (text: string) => text.replace(/[&<>"']/g, (of) => entities[of]!);

type Part = Html | string | number | null | undefined | false | readonly Part[];

function textOf(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return escaped(String(part));
}

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((all, text, i) => all + textOf(parts[i - 1]) + text));
}

/** A figure with a minus sign and not a hyphen. */
export const figureText = (value: number) => figure(value).replace("-", "−");

export const signed = (value: number, digits: number) => value.toFixed(digits).replace("-", "−");

/** Data for a script, in an element that the browser does not run: `<` could end it. */
export const jsonFor = (value: unknown) =>
  new Html(JSON.stringify(value).replaceAll("<", "\\u003c"));

/** A table that scrolls by itself where a page is narrow. */
export function table(
  label: string,
  heads: readonly Part[],
  rows: readonly (readonly Part[])[],
  looks: "" | "numbers" | "wide" = "",
): Html {
  const body = rows.map(
    ([first, ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="${looks}"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${body}</tbody></table></div>`;
}
