// elbo detect as a person uses it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Random, streams } from "#elbo/runtime/random.js";
import { sharedFolder } from "../helpers/folder.ts";
import { elboDone, elboFails } from "./support.ts";

const folder = sharedFolder();

/** Pumps of which the flow follows from pressure and speed. */
function pumps(rows: number, from: number, broken: (row: number) => boolean): string {
  const draws = new Random(7).uniform(streams.synthetic, from, 3 * rows);
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, b, e] = draws.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    const pressure = 2 + 2 * a;
    const flow = 10 * pressure + 5 * b + 0.3 * e;
    const shown = broken(i) ? 9.5 - pressure : pressure;
    return [`p${from + i}`, shown.toFixed(3), (5 * b).toFixed(3), flow.toFixed(3)].join(",");
  });
  return `id,pressure,speed,flow\n${lines.join("\n")}\n`;
}

beforeAll(async () => {
  writeFileSync(
    join(folder, "normal.csv"),
    pumps(2000, 0, () => false),
  );
  writeFileSync(
    join(folder, "today.csv"),
    pumps(300, 5000, (row) => row % 50 === 7),
  );
  writeFileSync(
    join(folder, "quiet.csv"),
    pumps(300, 7000, () => false),
  );
  await elboDone(folder, ..."train normal.csv --epochs 60 --latent 2 --out run".split(" "));
  await elboDone(folder, ..."train normal.csv --epochs 1 --method ae --out ae".split(" "));
});

test("alarms stand in a table with their reasons, and are counted on stderr", async () => {
  const words = "detect run today.csv -o alarms.csv --explain".split(" ");
  const { stdout, stderr } = await elboDone(folder, ...words);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^\d+ alarms in 300 rows, at a rate of 1% of normal rows as 200 rows tell it; written to alarms\.csv\n$/,
  );
  const [header, ...lines] = readFileSync(join(folder, "alarms.csv"), "utf8").trimEnd().split("\n");
  expect(header).toBe("id,score,neg_elbo,p_value,alarm,because,repair");
  for (const [i, line] of lines.entries()) {
    if (i % 50 !== 7) continue;
    expect(line).toMatch(new RegExp(`^p${5000 + i},.*,true,"\\{""`));
  }
  const again = await elboDone(folder, ...words, "--force", "--json");
  const report = JSON.parse(again.stdout);
  expect(report).toMatchObject({ ok: true, rows: 300, score: "ensemble", alarmRate: 0.01 });
  expect(report.calibrationRows).toBe(200);
  expect(report.alarms).toBeGreaterThanOrEqual(6);
  expect(report.output).toBe("alarms.csv");
});

test("a rate that held-out rows cannot tell is said, and other rows can be given", async () => {
  const few = await elboDone(
    folder,
    ..."detect run today.csv -o few.csv --alarm-rate 0.001".split(" "),
  );
  expect(few.stderr).toContain("note: 200 rows tell no rate below 0.0050");
  const words = "detect run today.csv -o more.parquet --alarm-rate 0.001 --calibration normal.csv";
  const more = await elboDone(folder, ...words.split(" "));
  expect(more.stderr).not.toContain("tell no rate");
  expect(more.stderr).toContain("as 2,000 rows tell it");
});

test("rows of another kind are said to have drifted, those of the same are not", async () => {
  const { stdout } = await elboDone(folder, ..."detect run quiet.csv -o q.csv --json".split(" "));
  expect(JSON.parse(stdout)).toMatchObject({ drift: null, warnings: [] });
  const shifted = readFileSync(join(folder, "quiet.csv"), "utf8").replace(
    /,([\d.]+)$/gm,
    (_, flow) => {
      return `,${(Number(flow) + 4).toFixed(3)}`;
    },
  );
  writeFileSync(join(folder, "shifted.csv"), shifted);
  const { stderr } = await elboDone(folder, ..."detect run shifted.csv -o s.csv".split(" "));
  expect(stderr).toMatch(
    /note: these rows are not distributed as those .* fields that moved: "flow"/,
  );
});

test.each([
  ["detect run today.csv -o x.png", "format-unknown"],
  ["detect run today.csv -o x.csv --score elbow", "option-value"],
  ["detect run today.csv -o x.csv --alarm-rate 0", "option-value"],
  ["detect run today.csv -o x.csv --alarm-rate 2", "option-value"],
  ["detect ae today.csv -o x.csv --score elbo", "no-density"],
  ["detect ae today.csv -o x.csv --importance-samples 5", "no-density"],
] as const)("elbo %s is refused", async (words, code) => {
  expect((await elboFails(folder, 2, ...words.split(" "))).code).toBe(code);
});
