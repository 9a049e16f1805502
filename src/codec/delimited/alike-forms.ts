// Forms of numbers that write some of them alike are made one, so that forms tell little of values.
import type { Form } from "./parts.ts";

/** Digits that are part of a form; longer rows of them are exceptions. */
export const mostDigits = 64;

const wholeDigits = (mantissa: number, decimals: number) =>
  Math.max(String(Math.abs(mantissa)).length - decimals, 0);

/**
 * Numbers that a form with other digits before the point writes alike take that: `12` is of the form of
 * `07`, and `1.5` of that of `.5`, so that forms tell nothing of values.
 */
export function alike(forms: readonly Form[], codes: Uint8Array, mantissas: Float64Array) {
  const byKey = new Map(forms.map((form, code) => [JSON.stringify(form), code]));
  const others = forms.map((form) => {
    const codeOf = (digits: number) => byKey.get(JSON.stringify({ ...form, digits }));
    if (form.kind !== "number" || form.digits !== 1) return undefined;
    const found = Array.from({ length: mostDigits + 1 }, (_, digits) => codeOf(digits));
    return found.some((code, digits) => digits !== 1 && code !== undefined) ? found : undefined;
  });
  if (others.every((found) => found === undefined)) return { formTable: [...forms], codes };
  const moved = codes.map((code, row) => {
    const form = forms[code]!;
    const found = others[code];
    if (found === undefined || form.kind !== "number") return code;
    const digits = wholeDigits(mantissas[row]!, form.decimals);
    return (digits > 1 ? found[digits] : undefined) ?? (digits > 0 ? found[0] : undefined) ?? code;
  });
  // Some may stand nowhere now.
  const order = [...new Set(moved)];
  const places = new Map(order.map((code, place) => [code, place]));
  return {
    formTable: order.map((code) => forms[code]!),
    codes: moved.map((code) => places.get(code)!),
  };
}
