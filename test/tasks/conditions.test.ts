// Conditions of new rows: given, drawn of kept rows, and those that go with what is given.
import { expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { windowsOf } from "#elbo/data/series/windows.js";
import type { DataSource } from "#elbo/data/source.js";
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
async function runOf(
  data: DataSource = columnsOf(table),
  options: Parameters<typeof fieldsOf>[1] = {
    condition: ["city", "canton", "weight"],
    kind: { weight: "real" },
  },
): Promise<Run> {
  const { schema } = await fieldsOf(data, options);
  const packer = new Packer(schema, data, "training");
  for await (const chunk of data.chunks(packer.names)) {
    const training = packer.pack(chunk);
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

test("a condition of many numbers is drawn, though --where gives none", async () => {
  const hours = Array.from({ length: 60 }, (_, i) => new Date(Date.UTC(2026, 0, 1, i)));
  const level = hours.map((_, i) => (i * i) % 17);
  const series = columnsOf({ time: hours, level, sun: hours.map((_, i) => i % 5) });
  const windows = await windowsOf(series, { size: 4, last: ["sun"] });
  const run = await runOf(windows, { condition: ["level"], kind: { sun: "real" } });
  const conditions = (await Conditions.of(run, {}))!;
  const rows = conditions.rows(conditions.draw(3, 0, 20));
  const seen = Array.from({ length: 57 }, (_, i) => level.slice(i, i + 4).join());
  const drawnLevels = [...(rows.values[0]!.values as Float32Array)];
  for (let i = 0; i < 20; i++) expect(seen).toContain(drawnLevels.slice(4 * i, 4 * i + 4).join());
  expect(conditions.pack(rows).rows).toBe(20);
  const error = await elboError(() => Conditions.of(run, { level: "3" }));
  expect(error.hint).toContain("Leave it out of elbo sample");
});
