// Conditions of new rows: given, drawn of kept rows, and those that go with what is given.
import { expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { Packer } from "#elbo/fields/pack.js";
import { Conditions } from "#elbo/tasks/conditions.js";
import type { Run } from "#elbo/tasks/run.js";
import { fieldsOf } from "#elbo/train/prepare.js";
import { elboError } from "../helpers/errors.ts";

const ROWS = 400;
const table = {
  x: Array.from({ length: ROWS }, (_, i) => i / 7),
  city: Array.from({ length: ROWS }, (_, i) => ["Bern", "Basel", "Chur"][i % 3]!),
  canton: Array.from({ length: ROWS }, (_, i) => ["BE", "BS", "GR"][i % 3]!),
  weight: Array.from({ length: ROWS }, (_, i) => Number((60 + i / 10).toFixed(1))),
};

/** A run, as far as conditions need one. */
async function runOf(): Promise<Run> {
  const data = columnsOf(table);
  const { schema } = await fieldsOf(data, {
    condition: ["city", "canton", "weight"],
    kind: { weight: "real" },
  });
  const packer = new Packer(schema, data, "training");
  const names = packer.names.map((name) => data.columns.findIndex((one) => one.name === name));
  for await (const chunk of data.chunks()) {
    const training = packer.pack({
      rows: chunk.rows,
      columns: names.map((place) => chunk.columns[place]!),
    });
    return { config: { schema }, reference: async () => ({ training }) } as unknown as Run;
  }
  throw new Error("no rows");
}

async function drawn(where: Record<string, string>) {
  const conditions = (await Conditions.of(await runOf(), where))!;
  const { columns, values } = conditions.rows(conditions.draw(0, 0, 200));
  return (name: string) => [...values[columns.findIndex((one) => one.name === name)]!.values];
}

test("rows are drawn whole, and numbers are the data's, to the digit", async () => {
  const column = await drawn({});
  const pairs = column("city").map((city, i) => `${city} ${column("canton")[i]}`);
  expect(new Set(pairs)).toEqual(new Set(["Bern BE", "Basel BS", "Chur GR"]));
  const known = new Set<unknown>(table.weight);
  expect(column("weight").every((weight) => known.has(weight))).toBe(true);
});

test("of a number that is given the nearest rows are drawn, and the number stands as given", async () => {
  const column = await drawn({ weight: "60.04" });
  expect(new Set(column("weight"))).toEqual(new Set([60.04]));
  // Twenty of four hundred, of all three cities.
  expect(new Set(column("city")).size).toBe(3);
  const conditions = (await Conditions.of(await runOf(), { city: "Bern", canton: "BE" }))!;
  const [city] = conditions.rows(conditions.draw(0, 0, 500)).values;
  expect(new Set([...city!.values])).toEqual(new Set(["Bern"]));
});

test("levels that no kept row has together are an error, where others are to go with them", async () => {
  const run = await runOf();
  const where = { city: "Bern", canton: "GR" };
  const error = await elboError(() => Conditions.of(run, where));
  expect(error).toMatchObject({ code: "where-invalid", kind: "usage" });
  expect(error.message).toContain("none of the 400 training rows");
  expect(error.message).toContain("city=Bern and canton=GR");
  expect(error.hint).toContain("--where");
  // All given, no row is needed.
  const all = (await Conditions.of(run, { ...where, weight: "61" }))!;
  expect(all.rows(all.draw(0, 0, 2)).values.map(({ values }) => [...values])).toEqual([
    ["Bern", "Bern"],
    ["GR", "GR"],
    [61, 61],
  ]);
});
