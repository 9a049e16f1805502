// One specimen of every group: its fields, packed rows of them, and what their values can be.
import { type LikelihoodName, likelihoods, type ModelledField } from "#elbo/fields/field.js";
import type { GroupOptions } from "#elbo/fields/groups/index.js";
import { decodings, type TextNetwork } from "#elbo/nn/texts/network.js";
import {
  binary,
  categorical,
  count,
  image,
  ordinal,
  positive,
  real,
  text,
  time,
  vector,
} from "../schemas.ts";

/** Points over all values of one field, and weights that make sums over them integrals. */
export interface Grid {
  /** Raw values, as columns hold them; levels by their codes. */
  values: number[];
  /** The same as packed elements. */
  cells: number[][];
  weights: number[];
}

export interface Specimen {
  name: string;
  fields: ModelledField[];
  options?: Partial<GroupOptions>;
  /** Packed rows, all cells of which are there. */
  rows: number[][];
  /** Elements of the same sort, to lie where cells are missing. */
  hidden: number[];
  /** Of field j; null where values are not alone: of vectors, and of squared errors. */
  grid: ((j: number) => Grid) | null;
}

const STEPS = 4000;

/** The trapezoid's rule in t, x = place(t). */
function integral(
  [low, high]: readonly [number, number],
  place: (t: number) => number,
  slope: (t: number) => number,
  cell: (x: number) => number[] = (x) => [x],
): Grid {
  const step = (high - low) / STEPS;
  const t = Array.from({ length: STEPS + 1 }, (_, i) => low + i * step);
  const values = t.map(place);
  const ends = (i: number) => (i === 0 || i === STEPS ? 0.5 : 1);
  return {
    values,
    cells: values.map(cell),
    weights: t.map((s, i) => slope(s) * step * ends(i)),
  };
}

const overReals = (center: number, spread: number, cell?: (x: number) => number[]) =>
  integral(
    [-22, 22],
    (t) => center + spread * Math.sinh(t),
    (t) => spread * Math.cosh(t),
    cell,
  );

const whole = (values: readonly number[]): Grid => ({
  values: [...values],
  cells: values.map((value) => [value]),
  weights: values.map(() => 1),
});
const upTo = (last: number) => whole(Array.from({ length: last + 1 }, (_, k) => k));

const isDensity = (likelihood: LikelihoodName) => likelihood !== "squared-error";

/** Those of values from 0 to 1, and all others. */
const ofUnits = ["bernoulli", "continuous-bernoulli"] as const;
const ofReals = likelihoods.real.filter((name) => !(ofUnits as readonly string[]).includes(name));

const units = ofUnits.map((likelihood): Specimen => {
  const between = () =>
    integral(
      [0, 1],
      (t) => t,
      () => 1,
    );
  return {
    name: `real, ${likelihood}, from 0 to 1`,
    fields: ["a", "b"].map((name) => real(name, { likelihood, scale: "none" })),
    rows: [
      [0.2, 0.9],
      [0, 0.5],
      [1, 0.3],
    ],
    hidden: [0.4, 0.6],
    grid: likelihood === "bernoulli" ? () => whole([0, 1]) : between,
  };
});

function reals(scale: "standardize" | "quantile" | "none"): Specimen[] {
  // The first climbs evenly, the second has a step.
  const quantiles =
    scale === "quantile"
      ? [
          [1, 2, 3, 5, 9],
          [-50.1, -50, -50, -50, -49.9],
        ]
      : [];
  return ofReals.map((likelihood) => {
    const more = { likelihood, scale };
    const [a, b] =
      scale === "none"
        ? [{ resolution: 0.1 }, {}]
        : [
            { mean: 3, deviation: 2, resolution: 0.25 },
            { mean: -50, deviation: 0.0625 },
          ];
    const fields = [
      real("a", { ...more, ...a, quantiles: quantiles[0] ?? [] }),
      real("b", { ...more, ...b, quantiles: quantiles[1] ?? [] }),
    ];
    const offsets = [
      [-1.2, 0.4],
      [0.3, 1.7],
      [2.1, -0.6],
    ];
    return {
      name: `real, ${likelihood}, ${scale}`,
      fields,
      rows: offsets.map((row) => row.map((v, j) => fields[j]!.mean + v * fields[j]!.deviation)),
      hidden: fields.map(({ mean, deviation }) => mean + 3.3 * deviation),
      grid: isDensity(likelihood) ? (j) => overReals(fields[j]!.mean, fields[j]!.deviation) : null,
    };
  });
}

/** A probability of 0 beside a density. */
const withZero = ({ values, cells, weights }: Grid): Grid => ({
  values: [0, ...values],
  cells: [[0], ...cells],
  weights: [1, ...weights],
});

const positives = likelihoods.positive.map((likelihood): Specimen => {
  const hurdle = likelihood === "hurdle-log-normal";
  const fields = [
    positive("a", {
      ...{ likelihood, mean: 1.5, deviation: 0.75, resolution: 0.01 },
      ...(hurdle ? { zeros: 0.3 } : {}),
    }),
    positive("b", {
      ...{ likelihood, mean: -2, deviation: 1.25 },
      ...(hurdle ? { zeros: 0.9 } : { offset: 0.125 }),
    }),
  ];
  return {
    name: `positive, ${likelihood}`,
    fields,
    rows: [
      [2.5, 0],
      [9, 0.25],
      [0.5, 0.5],
    ],
    hidden: [77, 3],
    grid: isDensity(likelihood)
      ? // Values lie above −offset: what the logarithm is taken of is above 0.
        (j) => {
          const above = integral(
            [-60, 40],
            (t) => Math.exp(t) - fields[j]!.offset,
            (t) => Math.exp(t),
          );
          return hurdle ? withZero(above) : above;
        }
      : null,
  };
});

const counts = likelihoods.count.map((likelihood): Specimen => {
  const fields = [
    count("a", { likelihood, mean: 1.5, deviation: 0.75, logMean: 1.25, spread: 4 }),
    count("b", { likelihood, mean: 0.25, deviation: 0.5, logMean: -1, logInverseDispersion: 0.5 }),
  ];
  return {
    name: `count, ${likelihood}`,
    fields,
    rows: [
      [0, 3],
      [7, 0],
      [21, 1],
    ],
    hidden: [4, 9],
    grid: isDensity(likelihood) ? () => upTo(1500) : null,
  };
});

const names = (n: number) => Array.from({ length: n }, (_, i) => `level ${i}`);
/** Uneven shares, of which the last is 0 where there are many. */
const shares = (n: number) => {
  const parts = names(n).map((_, i) => (n > 5 && i === n - 1 ? 0 : 1 + (i % 3)));
  return parts.map((part) => part / parts.reduce((sum, each) => sum + each, 0));
};
const leveled = (n: number) => ({ levels: names(n), shares: shares(n) });

const levels: Specimen[] = [
  {
    name: "categorical",
    fields: [
      categorical("a", leveled(5).levels, leveled(5)),
      categorical("b", leveled(4).levels, leveled(4)),
    ],
    // 5 and 4 are the levels that training has not seen.
    rows: [
      [0, 3],
      [4, 4],
      [5, 2],
    ],
    hidden: [2, 1],
    grid: (j) => upTo(j === 0 ? 5 : 4),
  },
  {
    name: "ordinal",
    fields: [
      ordinal("a", leveled(5).levels, leveled(5)),
      ordinal("b", leveled(4).levels, leveled(4)),
    ],
    rows: [
      [0, 3],
      [4, 1],
      [2, 0],
    ],
    hidden: [3, 2],
    // A level that training has not seen has no place among the others.
    grid: (j) => upTo(j === 0 ? 4 : 3),
  },
  {
    name: "categorical with many levels",
    fields: [categorical("a", leveled(300).levels, leveled(300))],
    rows: [[0], [123], [300]],
    hidden: [17],
    grid: () => upTo(300),
  },
];

const DAY = 86_400_000;
const cellOf = (days: number) => [Math.floor(days), (days - Math.floor(days)) * DAY];

const times = [true, false].flatMap((date) =>
  likelihoods.time.map((likelihood): Specimen => {
    const fields = [
      time("a", date, { likelihood, mean: 19_876.375, deviation: 30, resolution: 1 }),
      time("b", date, { likelihood, mean: -12.25, deviation: 400, resolution: 1 / 24 }),
    ];
    const days = date
      ? [
          [19_870, 300],
          [19_901, -40],
        ]
      : [
          [19_870.25, 300.5],
          [19_901.75, -40.125],
        ];
    return {
      name: `time, ${likelihood}, ${date ? "dates" : "moments"}`,
      fields,
      rows: days.map((row) => row.flatMap(cellOf)),
      hidden: [12_345, 678, -9, 1_000_000],
      grid: isDensity(likelihood)
        ? (j) => overReals(fields[j]!.mean, fields[j]!.deviation, cellOf)
        : null,
    };
  }),
);

const measuredVectors = (["gaussian", "squared-error"] as const).map(
  (likelihood): Specimen => ({
    name: `vector, ${likelihood}`,
    fields: [
      vector("v", 3, {
        likelihood,
        mean: [1, -20, 0.5],
        deviation: [2, 4, 0.125],
        resolution: 0.5,
      }),
    ],
    rows: [
      [2, -17, 0.5],
      [-1, -23.5, 0.25],
    ],
    hidden: [5, 5, 5],
    grid: null,
  }),
);

const countedVectors = (["negative-binomial", "squared-error"] as const).map(
  (likelihood): Specimen => ({
    name: `vector of counts, ${likelihood}`,
    fields: [
      vector("v", 3, {
        ...{ likelihood, counts: true, mean: [8, 6, 3], deviation: [0.5, 1, 2] },
        logShare: [0.8, 0.15, 0.05].map(Math.log),
        ...{ spread: [20, 5, 1], logInverseDispersion: [1, 0, -1], total: 50 },
      }),
    ],
    rows: [
      [30, 9, 0],
      [0, 0, 0],
      [71, 12, 4],
    ],
    hidden: [6, 2, 1],
    grid: null,
  }),
);

/** Of one pixel, so that its values are alone. */
const images = likelihoods.image.flatMap((likelihood): Specimen[] => {
  const ofBytes = [
    ...["discretized-logistic", "discretized-logistic-mixture", "beta-binomial", "categorical"],
  ].includes(likelihood);
  const bytes = { likelihood, bytes: true, low: 0, high: 255 };
  const floats = { likelihood, bytes: false, low: -2, high: 6 };
  const grid = (low: number, high: number): Grid => {
    switch (likelihood) {
      case "bernoulli":
        return whole([low, high]);
      case "gaussian":
        return overReals((low + high) / 2, high - low);
      case "continuous-bernoulli":
        return integral(
          [low, high],
          (t) => t,
          () => 1,
        );
      default:
        return upTo(255);
    }
  };
  const specimen = (name: string, more: typeof bytes, rows: number[]): Specimen => ({
    name: `image, ${likelihood}, ${name}`,
    fields: [image("i", [1, 1, 1], more)],
    rows: rows.map((pixel) => [pixel]),
    hidden: [],
    grid: isDensity(likelihood) ? () => grid(more.low, more.high) : null,
  });
  return [
    specimen("bytes", bytes, [0, 17, 255]),
    ...(ofBytes ? [] : [specimen("floats", floats, [-1.5, 0.25, 6])]),
  ];
});

/** Both networks of texts, each in both ways of decoding. */
const textNetworks: TextNetwork[] = [
  { kind: "conv", channels: [4, 3] },
  { kind: "transformer", width: 4, layers: 1 },
];
const textSpecimens: readonly Specimen[] = textNetworks.flatMap((network) =>
  decodings.map((decoding) => ({
    name: `text, ${network.kind}, ${decoding}`,
    fields: [text("a", { length: 6, shares: [0.25, 0.5, 0.25, 0], cuts: [6] })],
    options: { texts: { network, decoding }, activation: "gelu" as const },
    rows: [
      [1, 2, 1, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [3, 1, 1, 2, 2, 1],
    ],
    hidden: [2, 1, 2, 1, 0, 0],
    grid: null,
  })),
);

export const specimens: readonly Specimen[] = [
  ...(["standardize", "quantile", "none"] as const).flatMap(reals),
  ...units,
  {
    ...reals("none")[0]!,
    name: "real, gaussian, through a sigmoid",
    options: { output: "sigmoid" },
  },
  ...positives,
  ...counts,
  {
    name: "binary",
    fields: [binary("a", { mean: 0.75 }), binary("b", { mean: 0 })],
    rows: [
      [0, 1],
      [1, 0],
    ],
    hidden: [1, 1],
    grid: () => upTo(1),
  },
  ...levels,
  ...times,
  ...measuredVectors,
  ...countedVectors,
  ...images,
  ...textSpecimens,
];
