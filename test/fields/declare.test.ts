// What a person declares goes before what was seen, and what cannot be is refused.
import { expect, test } from "vitest";
import { type Declarations, declareFields } from "#elbo/fields/declare.js";
import { profileColumns } from "#elbo/fields/profile.js";
import { elboError } from "../helpers/errors.ts";
import { numbers, type TestColumn, table, texts, times } from "./table.ts";

const rows = 300;
const fill = <Cell>(cell: (i: number) => Cell): Cell[] =>
  Array.from({ length: rows }, (_, i) => cell(i));

const people: TestColumn[] = [
  numbers(
    "height",
    fill((i) => 150.5 + ((i * 7) % 40)),
  ),
  numbers(
    "visits",
    fill((i) => (i * i) % 90),
  ),
  numbers(
    "change",
    fill((i) => ((i * 11) % 90) - 45),
  ),
  texts(
    "size",
    fill((i) => ["small", "medium", "large"][i % 3]!),
  ),
  texts(
    "name",
    fill((i) => `person${i}`),
  ),
  numbers(
    "grade",
    fill((i) => 1 + Math.floor(i / 50)),
  ),
  numbers(
    "constant",
    fill(() => 4),
  ),
];

async function declared(declarations: Declarations, columns = people) {
  const data = table(columns);
  return declareFields(data, await profileColumns(data), declarations);
}
async function fieldNamed(name: string, declarations: Declarations) {
  return (await declared(declarations)).fields.find((field) => field.name === name);
}
const refused = (declarations: Declarations, columns = people) =>
  elboError(() => declared(declarations, columns));

test("without declarations, fields are as proposed and findings are told", async () => {
  const { fields, findings } = await declared({});
  expect(fields.map(({ kind, role }) => `${kind} ${role}`)).toEqual([
    "real data",
    "count data",
    "real data",
    "categorical data",
    "text id",
    "categorical data",
    "categorical ignore",
  ]);
  expect(findings.map(({ code }) => code)).toEqual(["column-identifies", "column-constant"]);
});

test("roles that are declared hold, and a declared kind has a column modelled", async () => {
  expect(await fieldNamed("grade", { target: ["grade"] })).toMatchObject({
    role: "target",
    kind: "categorical",
    levels: ["1", "2", "3", "4", "5", "6"],
  });
  expect(await fieldNamed("name", { condition: ["name"] })).toMatchObject({ role: "condition" });
  expect(await fieldNamed("size", { id: ["size"] })).toEqual({
    name: "size",
    kind: "categorical",
    role: "id",
  });
  expect(await fieldNamed("height", { ignore: ["height"] })).toMatchObject({ role: "ignore" });
  const { fields, findings } = await declared({ kind: { name: "text", constant: "real" } });
  expect(fields[4]).toMatchObject({ kind: "text", role: "data" });
  expect(fields[6]).toMatchObject({ kind: "real", role: "data" });
  expect(findings).toEqual([]);
});

test("the times of a series are a condition, unless nothing else is data or a person says so", async () => {
  const hours = Array.from({ length: 60 }, (_, i) => i * 3_600_000);
  const series = [
    times("at", hours),
    numbers(
      "value",
      hours.map((_, i) => Math.sin(i) + i / 100),
    ),
  ];
  const given = await declared({}, series);
  expect(given.fields.map(({ role }) => role)).toEqual(["condition", "data"]);
  expect(given.findings).toMatchObject([{ code: "column-orders-rows", column: "at" }]);
  const modelled = await declared({ kind: { at: "time" } }, series);
  expect(modelled.fields.map(({ role }) => role)).toEqual(["data", "data"]);
  expect(modelled.findings).toEqual([]);
  for (const rest of [{ target: ["value"] }, { ignore: ["value"] }]) {
    const { fields, findings } = await declared(rest, series);
    expect(fields[0]!.role).toBe("data");
    expect(findings).toEqual([]);
  }
  // Two columns of times alone, or one beside ids.
  const two = await declared({}, [series[0]!, times("until", hours)]);
  expect(two.fields.map(({ role }) => role)).toEqual(["data", "data"]);
});

test("kinds and likelihoods that are declared hold", async () => {
  expect(await fieldNamed("visits", { kind: { visits: "real" } })).toMatchObject({
    kind: "real",
    likelihood: "gaussian",
  });
  const ordinal = { name: "size", kind: "ordinal", levels: ["small", "medium", "large"] } as const;
  expect(
    await fieldNamed("size", { schema: [{ ...ordinal, levels: [...ordinal.levels] }] }),
  ).toMatchObject({ kind: "ordinal", levels: ["small", "medium", "large"], likelihood: "ordinal" });
  expect(await fieldNamed("visits", { likelihood: { visits: "poisson" } })).toMatchObject({
    likelihood: "poisson",
  });
});

test("a likelihood that the proposed kind has not implies the kind that has it", async () => {
  for (const [name, likelihood, kind] of [
    ["grade", "poisson", "count"],
    ["grade", "ordinal", "ordinal"],
    ["grade", "student-t", "real"],
    ["height", "log-normal", "positive"],
    ["height", "categorical", "categorical"],
  ] as const) {
    expect(await fieldNamed(name, { likelihood: { [name]: likelihood } })).toMatchObject({
      kind,
      likelihood,
    });
  }
  // A kind that is declared, too, is another wish.
  const both = { kind: { grade: "real" }, likelihood: { grade: "poisson" } } as const;
  expect((await refused(both)).hint).toBe(
    'choose one of these, or declare its kind: --kind "grade=count"',
  );
  // A likelihood for all columns implies nothing of any one.
  expect(await fieldNamed("grade", { everyLikelihood: "gaussian" })).toMatchObject({
    kind: "categorical",
  });
});

test("a positive column is behind a hurdle from a twentieth of zeros on", async () => {
  const amounts = (zeros: number) =>
    numbers(
      "amount",
      fill((i) => (i < zeros ? 0 : 100.5 + ((i * 37) % 400))),
    );
  for (const [zeros, likelihood] of [
    [14, "log-normal"],
    [15, "hurdle-log-normal"],
  ] as const) {
    const columns = [...people, amounts(zeros)];
    const { fields } = await declared({ kind: { amount: "positive" } }, columns);
    expect(fields.at(-1)).toMatchObject({ kind: "positive", likelihood });
    const offset = (fields.at(-1) as { offset: number }).offset;
    expect(offset > 0).toBe(likelihood === "log-normal");
  }
});

test("grey images have a probability for each byte; drawings, bits and floats are Bernoulli's", async () => {
  const info = { name: "image", type: "image", height: 2, width: 2, channels: 1 } as const;
  // One pixel of four is grey, or one more.
  const drawing = Uint8Array.from({ length: 400 }, (_, i) => [0, 31, 224, 128][i % 4]!);
  const photograph = drawing.map((byte, i) => (i === 0 ? 32 : byte));
  for (const [cells, declarations, likelihood] of [
    [drawing, {}, "bernoulli"],
    [photograph, {}, "discretized-logistic"],
    [photograph, { binarize: "dynamic" }, "bernoulli"],
    [photograph, { likelihood: { image: "beta-binomial" } }, "beta-binomial"],
    [Float32Array.from(photograph, (byte) => byte / 255), {}, "bernoulli"],
  ] as const) {
    const { fields } = await declared(declarations, [{ info, cells }]);
    expect(fields).toMatchObject([{ kind: "image", likelihood }]);
  }
  // As a saved schema names it, and then bits are asked for.
  const schema = [{ name: "image", likelihood: "discretized-logistic" } as const];
  const columns = [{ info, cells: photograph }];
  const bits = await refused({ schema, binarize: "threshold" }, columns);
  expect(bits.code).toBe("likelihood-unfit");
  expect(bits.message).toMatch(/each of 256 grey levels .* bits by binarize threshold/);
  const bernoulli = { schema, binarize: "threshold", everyLikelihood: "bernoulli" } as const;
  expect((await declared(bernoulli, columns)).fields).toMatchObject([
    { likelihood: "bernoulli", binarize: "threshold" },
  ]);
});

test("a likelihood for all goes to the data fields that take it, but not before one's own", async () => {
  const { fields } = await declared({
    everyLikelihood: "squared-error",
    likelihood: { visits: "poisson" },
    target: ["change"],
    schema: [{ name: "height", likelihood: "laplace" }],
  });
  const likelihood = (i: number) => (fields[i] as { likelihood?: string }).likelihood;
  expect([0, 1, 2, 3].map(likelihood)).toEqual([
    "squared-error",
    "poisson",
    "gaussian",
    "categorical",
  ]);
});

test("the scale is that of all real fields; a weight is of the kind real", async () => {
  const { fields } = await declared({ scale: "none", weight: "visits" });
  expect(fields[0]).toMatchObject({ scale: "none" });
  expect(fields[1]).toEqual({ name: "visits", kind: "real", role: "weight", mean: 1 });
});

test("options go before the schema file", async () => {
  const schema = [
    { name: "visits", kind: "count", role: "data", likelihood: "poisson" } as const,
    { name: "height", role: "ignore" } as const,
  ];
  const { fields } = await declared({ schema, kind: { visits: "real" }, target: ["height"] });
  expect(fields[0]).toMatchObject({ role: "target" });
  expect(fields[1]).toMatchObject({ kind: "real", role: "data", likelihood: "gaussian" });
});

test("a text beside a target is what there is to learn", async () => {
  const line = texts(
    "text",
    fill((i) => `line number ${i} of a longer text that goes on`),
  );
  const label = numbers(
    "label",
    fill((i) => i % 3),
  );
  const { fields } = await declared({ target: ["label"] }, [line, label]);
  expect(fields.map(({ kind, role }) => `${kind} ${role}`)).toEqual([
    "text data",
    "categorical target",
  ]);
});

test.each<[string, Declarations, string, RegExp]>([
  ["an unknown column", { target: ["hieght"] }, "column-unknown", /"hieght", which --target/],
  ["in the schema", { schema: [{ name: "ag" }] }, "column-unknown", /which the schema file/],
  ["two roles", { target: ["size"], id: ["size"] }, "column-two-roles", /declared target and id/],
  ["a negative count", { kind: { change: "count" } }, "kind-impossible", /data row 1: .*"change"/],
  ["a count of fractions", { kind: { height: "count" } }, "kind-impossible", /not whole/],
  ["texts as numbers", { kind: { size: "real" } }, "kind-impossible", /texts such as "large"/],
  ["more than 0 and 1", { kind: { grade: "binary" } }, "kind-impossible", /from 1 to 6/],
  ["a number as an image", { kind: { grade: "image" } }, "kind-impossible", /holds images/],
  [
    "a likelihood of another kind",
    { likelihood: { height: "poisson" } },
    "likelihood-unfit",
    /takes gaussian, student-t, laplace/,
  ],
  ["a likelihood for none", { everyLikelihood: "beta-binomial" }, "likelihood-unfit", /no data/],
  ["a negative weight", { weight: "change" }, "weight-invalid", /below 0 \(data row 1\)/],
  ["a weight of texts", { weight: "size" }, "weight-invalid", /text values/],
  ["bits without images", { binarize: "dynamic" }, "option-value", /--binarize is for images/],
  [
    "levels that do not occur",
    { schema: [{ name: "size", levels: ["S", "M"] }] },
    "levels-absent",
    /none of the levels .* \("S", "M"\)/,
  ],
])("%s is refused", async (_, declarations, code, message) => {
  const error = await refused(declarations);
  expect(error.code).toBe(code);
  expect(error.kind).toBe("usage");
  expect(error.message).toMatch(message);
});

test("errors suggest the name or the kind that was meant", async () => {
  expect((await refused({ target: ["hieght"] })).hint).toBe("did you mean height?");
  expect((await refused({ kind: { change: "count" } })).hint).toBe(
    "declare it real, categorical, ordinal, or correct the values",
  );
});

test("a weight that is missing somewhere, and an empty target, are refused", async () => {
  const gaps = numbers(
    "gaps",
    fill((i) => (i === 9 ? Number.NaN : 1)),
  );
  const empty = numbers(
    "empty",
    fill(() => Number.NaN),
  );
  const columns = [...people, gaps, empty];
  expect((await refused({ weight: "gaps" }, columns)).message).toMatch(/holds 1 missing cell$/);
  expect((await refused({ target: ["empty"] }, columns)).code).toBe("column-empty");
});

test("numbers with under 1 % of texts are an error that names the first, unless declared", async () => {
  const slips = (texts: number): TestColumn => ({
    info: { name: "price", type: "text" },
    cells: fill((i) => (i >= 77 && i < 77 + texts ? "12,5" : String(i % 40))),
  });
  const error = await refused({}, [...people, slips(2)]);
  expect(error).toMatchObject({ code: "column-mixed", where: { row: 78, column: "price" } });
  expect(error.message).toBe(
    'test.csv, row 78: column "price" holds 298 numbers and 2 texts such as "12,5"',
  );
  const columns = [...people, slips(2)];
  const { fields, findings } = await declared({ kind: { price: "categorical" } }, columns);
  expect(fields[7]).toMatchObject({ kind: "categorical", of: "text" });
  expect(findings.map(({ code }) => code)).not.toContain("column-mixed");
  await declared({ ignore: ["price"] }, columns);
  const real = await refused({ kind: { price: "real" } }, columns);
  expect(real.code).toBe("kind-impossible");
  expect(real.message).toMatch(
    /^test\.csv, data row 78: .*texts among the numbers such as "12,5"$/,
  );
  const told = await declared({}, [...people, slips(3)]);
  expect(told.findings.map(({ code }) => code)).toContain("column-mixed");
});

test("what a source knows beside its data is carried along until somebody says what it is", async () => {
  const batch: TestColumn = {
    ...texts(
      "batch",
      fill((i) => `b${i % 3}`),
    ),
  };
  batch.info = { ...batch.info, role: "id" };
  const of = async (declarations: Declarations) => {
    const { fields } = await declared(declarations, [...people, batch]);
    const { kind, role } = fields.at(-1)!;
    return `${kind} ${role}`;
  };
  expect(await of({})).toBe("categorical id");
  expect(await of({ condition: ["batch"] })).toBe("categorical condition");
  expect(await of({ target: ["batch"] })).toBe("categorical target");
  expect(await of({ kind: { batch: "categorical" } })).toBe("categorical data");
  expect(await of({ kind: { batch: "categorical" }, id: ["batch"] })).toBe("categorical id");
});
