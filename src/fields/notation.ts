// Texts that a person reads as numbers or dates, though they are not written as this program reads them.

import { watchFormat } from "./times/detect.ts";

export type Notation = "numbers" | "dates";

const amount = /^[-+]?[$€£]? ?[-+]?(\d{1,3}([,.' \u00a0\u202f]\d{3})+|\d+)([.,]\d+)? ?[%$€£]?$/;
const plain = /^[-+]?\d+(\.\d+)?$/;
const month = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
const hour = String.raw`([ T]\d{1,2}:\d{2}(:\d{2})?( ?[ap]m)?)?`;
const date = new RegExp(
  `^(${[
    String.raw`\d{1,2}([./-])\d{1,2}\2(\d{2}|\d{4})`,
    String.raw`\d{4}([./])\d{1,2}\4\d{1,2}`,
    String.raw`\d{1,2}[. -]+${month}[ ,-]+\d{2,4}`,
    String.raw`${month}[. -]+\d{1,2}[ ,-]+\d{4}`,
  ].join("|")})${hour}$`,
  "i",
);

const notationOf = (text: string): Notation | null =>
  amount.test(text) ? "numbers" : date.test(text) ? "dates" : null;

/** What all texts of a column are to a person. */
export interface FoundNotation {
  of: Notation;
  /** One that plain numbers would not look like. */
  example: string;
  /** Of dates: how they may be written; none where that is not one way. */
  formats: readonly string[];
}

/** Sees whether all texts are of one notation; most columns are settled by their first text. */
export function watchNotation() {
  let seen: Notation | null | undefined;
  let example = "";
  const dates = watchFormat();
  return {
    add(text: string): void {
      if (seen === null) return;
      const own = notationOf(text);
      seen = seen === undefined || seen === own ? own : null;
      if (seen === "dates") dates.add(text);
      // Among others, plain numbers are none of another way to write.
      if (example === "" && !plain.test(text)) example = text;
    },
    found(): FoundNotation | null {
      if (!seen || example === "") return null;
      return { of: seen, example, formats: dates.found()?.formats ?? [] };
    },
  };
}
