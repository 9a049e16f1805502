// Whether a format that a person gives is one of moments.
import { ElboError } from "../../base/errors.ts";
import { ISO } from "./detect.ts";
import { timeCodes, timeFormat } from "./format.ts";

/** @param what names the option, or the place in a file. */
export function checkTimeFormat(what: string, format: string): void {
  if (format === ISO) return;
  const found = timeFormat(format);
  if (typeof found !== "string") return;
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `${what} is "${ISO}" or has a year, a month and a day in the codes ${timeCodes}, received "${format}" with ${found}`,
    hint: "For example %d/%m/%Y, %m/%d/%Y %I:%M %p or %Y%m%d.",
  });
}
