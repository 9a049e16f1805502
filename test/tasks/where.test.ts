// Values of condition columns as a person types them.
import { expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import type { Kind } from "#elbo/fields/field.js";
import { conditionRows } from "#elbo/tasks/where.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { schemaOf } from "./schema-of.ts";

const every = Array.from({ length: 40 }, (_, i) => i);
const source = columnsOf({
  data: every.map((i) => i + 0.5),
  real: every.map((i) => i - 20.25),
  positive: every.map((i) => i + 0.25),
  count: every,
  binary: every.map((i) => i % 2),
  boolean: every.map((i) => i % 3 === 0),
  text: every.map((i) => ["low", "high"][i % 2]!),
  code: every.map((i) => 2 * (i % 3)),
  day: every.map((i) => new Date(Date.UTC(2026, 0, 1 + i))),
  moment: every.map((i) => new Date(Date.UTC(2026, 0, 1, i, 30))),
});
const schema = await schemaOf(source, {
  condition: source.columns.map(({ name }) => name).slice(1),
  kind: {
    real: "real",
    positive: "positive",
    count: "count",
    code: "categorical",
  } satisfies Record<string, Kind>,
});
const right = {
  ...{ real: "-1e2", positive: "0.5", count: "3", binary: "1", boolean: "true", text: "low" },
  ...{ code: "4", day: "2026-11-23", moment: "2026-11-23T10:00" },
};

test("each kind's value is given in every row", async () => {
  const rows = conditionRows(schema, right, 2)!;
  const moment = Date.UTC(2026, 10, 23, 10);
  const values = [-100, 0.5, 3, 1, 1, "low", 4, Date.UTC(2026, 10, 23), moment];
  expect(Object.values(await collect(rows.source))).toEqual(values.map((value) => [value, value]));
  expect(rows.schema.fields.map(({ name }) => name)).toEqual(Object.keys(right));
});

test.each([
  ["real", "x", "a number is wanted", "3.1"],
  ["real", "", "a number is wanted", "3.1"],
  ["real", "inf", "a number is wanted", "3.1"],
  ["positive", "-1", "at least 0", "3.1"],
  ["count", "-1", "a whole number of at least 0", "3"],
  ["count", "1.5", "a whole number of at least 0", "3"],
  ["binary", "2", "1 or 0", "binary=1"],
  ["boolean", "yes", "true or false", "boolean=true"],
  ["text", "hgh", "no training row has this value", "Did you mean high?"],
  ["code", "3", "no training row has this value", "0, 2, 4"],
  ["day", "23.11.2026", "a date is wanted", "2026-11-23"],
  ["day", "2026-02-30", "a date is wanted", "2026-11-23"],
  ["moment", "noon", "a time is wanted", "2026-11-23T10:00"],
])("%s=%s is refused", async (name, text, message, hint) => {
  const error = await elboError(() => conditionRows(schema, { ...right, [name]: text }, 2));
  expect(error).toMatchObject({ code: "where-invalid", kind: "usage" });
  expect(error.message).toContain(`--where ${name}=${text}: `);
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});
