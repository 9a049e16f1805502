// The coder's own exp, log and normal distribution, beside values of 40 digits (mpmath 1.3).
import { expect, test } from "vitest";
import { Coder } from "#elbo/codec/ans/coder.js";

const coder = new Coder();
const functions = ["exp", "log", "normal", "normalQuantile", "softplus", "sigmoid"] as const;

const cases: [(typeof functions)[number], number, number][] = [
  ["exp", 0.0, 1.0],
  ["exp", 1.25, 3.4903429574618414],
  ["exp", -1.5, 0.22313016014842982],
  ["exp", 0.3, 1.3498588075760032],
  ["exp", -0.3125, 0.7316156289466418],
  ["exp", 50.25, 6.657293676747253e21],
  ["exp", -50.3, 1.4288530305087674e-22],
  ["exp", 700.5, 1.6721859620674984e304],
  ["exp", -700.25, 7.678723813110872e-305],
  ["exp", 1e-9, 1.000000001],
  ["log", 1.5, 0.4054651081081644],
  ["log", 3.0, 1.0986122886681098],
  ["log", 11.0, 2.3978952727983707],
  ["log", 1e-5, -11.512925464970229],
  ["log", 1e300, 690.7755278982137],
  ["log", 2.5e-308, -708.2799179102919],
  ["log", 0.703125, -0.3522205935893521],
  ["log", 123456.789, 11.723646487185881],
  ["log", 0.9999999, -1.0000000494736474e-7],
  ["normal", 0.0, 0.5],
  ["normal", 1.0, 0.8413447460685429],
  ["normal", -1.0, 0.15865525393145705],
  ["normal", -3.2, 0.0006871379379158481],
  ["normal", -6.9, 2.600126965638166e-12],
  ["normal", -7.2, 3.0106279811174334e-13],
  ["normal", 2.5, 0.9937903346742238],
  ["normal", 0.01, 0.5039893563146316],
  ["normal", 8.0, 0.9999999999999993],
  ["normalQuantile", 0.001, -3.0902323061678136],
  ["normalQuantile", 0.02, -2.053748910631823],
  ["normalQuantile", 0.3, -0.5244005127080408],
  ["normalQuantile", 0.7, 0.5244005127080407],
  ["normalQuantile", 0.975, 1.9599639845400538],
  ["normalQuantile", 1e-5, -4.264890793922825],
  ["normalQuantile", 0.9999, 3.7190164854557084],
  ["softplus", 2.0, 2.1269280110429727],
  ["softplus", -20.0, 2.061153620314381e-9],
  ["softplus", 40.0, 40.0],
  ["softplus", 0.5, 0.9740769841801067],
  ["softplus", -3.5, 0.029750418272620566],
  ["softplus", -700.0, 9.85967654375977e-305],
  ["sigmoid", 0.0, 0.5],
  ["sigmoid", 0.3, 0.574442516811659],
  ["sigmoid", -5.0, 0.0066928509242848554],
  ["sigmoid", 30.0, 0.9999999999999064],
  ["sigmoid", -40.0, 4.248354255291589e-18],
];

test.each(cases)("%s of %d", (name, x, wanted) => {
  const found = coder.mathOf(functions.indexOf(name), x);
  const scale = name === "normal" ? Math.max(Math.abs(wanted), 1e-3) : Math.abs(wanted);
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(2e-13 * scale + 1e-300);
});

test("what computes two at once computes the same bits", () => {
  const exponents = Float64Array.from({ length: 4000 }, (_, i) => (i - 2000) / 2.7);
  const small = exponents.map((x) => x * 1e-3);
  const edges = [0, -0, 1e-300, -1e-300, -708, -708.5, 708.5, 709, 710, 1e9, -1e9];
  const all = [...exponents, ...small, ...edges, ...[Infinity, -Infinity, Number.NaN]];
  const positive = [...all.map(Math.abs), ...[...exponents].map((x) => Math.exp(x)), 5e-324, -3];
  const pairs = [
    ["exp", 0, 6, all],
    ["log", 1, 7, positive],
    ["sigmoid", 5, 8, all],
  ] as const;
  for (const [name, one, two, xs] of pairs) {
    const apart = xs.filter((x) => !Object.is(coder.mathOf(one, x), coder.mathOf(two, x)));
    expect(apart, name).toEqual([]);
  }
});
