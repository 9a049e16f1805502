// How figures are written.
export const fixed = (value, digits = 2) =>
  value === undefined || value === null ? "–" : value.toFixed(digits);
