// Log-probabilities are of raw values: they sum or integrate to 1 over these, and expected values
// and draws come back as them.
import { describe, expect, test } from "vitest";
import type { ColumnValues } from "#elbo/fields/columns.js";
import type { ModelledField } from "#elbo/fields/field.js";
import { Sequence } from "#elbo/runtime/sequence.js";
import { evaluate } from "../../oracle/index.ts";
import { spread } from "../../runtime/conformance/case.ts";
import { build } from "./build.ts";
import { type Grid, type Specimen, specimens } from "./specimens.ts";

const DAY = 86_400_000;

/** The numbers of a column as grids hold them: days, codes of levels, raw numbers. */
function numbersOf(specimen: Specimen, j: number, column: ColumnValues): number[] {
  const field = specimen.fields[j]!;
  if (column.type === "text") {
    if (!("levels" in field)) throw new Error("texts of no levels");
    return column.values.map((text) =>
      text === null ? field.levels.length : field.levels.indexOf(text),
    );
  }
  return Array.from(column.values, (value) => (column.type === "time" ? value / DAY : value));
}

/** One row's outputs, the same for whatever a grid puts in its place. */
function outputsOf(size: number): number[] {
  return spread(size, -0.75, 0.75);
}

const alone = specimens.filter(({ grid }) => grid !== null);

describe("log-probabilities over all raw values", () => {
  test.each(alone)("$name", (specimen) => {
    const { group, raw, parameters, outputs, feeds } = build(specimen);
    const logProb = group.logProb(parameters, raw, outputs);
    const emitted = outputsOf(group.outputs);
    const size = specimen.rows[0]!.length / specimen.fields.length;
    for (const j of specimen.fields.keys()) {
      const { cells, weights } = specimen.grid!(j);
      // The other fields' cells stay.
      const rows = cells.map((cell) => specimen.rows[0]!.toSpliced(j * size, size, ...cell));
      const given = { outputs: rows.map(() => emitted) };
      const [logs] = evaluate([logProb], feeds(rows, given), rows.length);
      expect(logs!.shape).toEqual([rows.length, specimen.fields.length]);
      const at = (i: number) => logs!.data[i * specimen.fields.length + j]!;
      const total = weights.reduce((sum, weight, i) => sum + Math.exp(at(i)) * weight, 0);
      expect(Math.abs(total - 1), `field ${j}: ${total}`).toBeLessThan(1e-5);
    }
  });
});

/** What columns hold a value of a density as: nothing lies beyond what raw values can be. */
function held(field: ModelledField, value: number): number {
  if (field.kind === "positive") return Math.max(0, value);
  return field.kind === "image" && field.bytes ? Math.min(255, Math.max(0, value)) : value;
}

/** Mean and variance of a field by its probabilities, and its likeliest value. */
function momentsOn({ values, weights }: Grid, logs: readonly number[]) {
  const p = logs.map((log, i) => Math.exp(log) * weights[i]!);
  const total = (of: (value: number) => number) =>
    p.reduce((sum, part, i) => sum + (part === 0 ? 0 : part * of(values[i]!)), 0);
  const mean = total((value) => value);
  return {
    mean,
    variance: total((value) => (value - mean) ** 2),
    likeliest: values[p.indexOf(Math.max(...p))]!,
    p,
  };
}

const DRAWS = 4000;

describe("expected values and draws are raw values", () => {
  test.each(alone)("$name", (specimen) => {
    const { group, raw, parameters, outputs, feeds } = build(specimen);
    const logProb = group.logProb(parameters, raw, outputs);
    const emitted = outputsOf(group.outputs);
    const [row] = specimen.rows as [number[]];
    const size = row.length / specimen.fields.length;
    const one = feeds([row], { outputs: [emitted] });
    const floats = ({ data }: { data: Float64Array }) => Float32Array.from(data);
    const [expected] = evaluate([group.expected(parameters, outputs, raw)], one).map(floats);
    const drawn = evaluate(group.drawn(parameters, outputs, raw), one).map(floats);
    expect(drawn.length).toBe(group.likelihood!.parameters.length);
    const draws = new Float32Array(DRAWS * group.values);
    group.likelihood!.sample(drawn, draws, new Sequence(3, 100, 1));
    const told = group.columns(expected!, 1);
    const columns = group.columns(draws, DRAWS);
    for (const [j, field] of specimen.fields.entries()) {
      const grid = specimen.grid!(j);
      const rows = grid.cells.map((cell) => row.toSpliced(j * size, size, ...cell));
      const given = { outputs: rows.map(() => emitted) };
      const [logs] = evaluate([logProb], feeds(rows, given), rows.length);
      const ofField = rows.map((_, i) => logs!.data[i * specimen.fields.length + j]!);
      const { mean, likeliest, p } = momentsOn(grid, ofField);
      const cut = { ...grid, values: grid.values.map((x) => held(field, x)) };
      const ofDraws = momentsOn(cut, ofField);
      const deviation = Math.sqrt(ofDraws.variance);
      const [value] = numbersOf(specimen, j, told[j]!);
      const values = numbersOf(specimen, j, columns[j]!);
      expect(values.length).toBe(DRAWS);
      if (field.kind === "binary" || "levels" in field) {
        expect(value).toBe(likeliest);
        for (const [k, share] of p.entries()) {
          const seen = values.filter((other) => other === k).length / DRAWS;
          const error = Math.sqrt((share * (1 - share)) / DRAWS);
          expect(Math.abs(seen - share), `level ${k}`).toBeLessThan(5 * error + 1e-3);
        }
        continue;
      }
      const rounding = field.kind === "image" && field.bytes ? 0.5 : 0;
      const whole = field.kind === "time" && field.date ? 0.5 : 0;
      const near = 1e-4 * (deviation + Math.abs(mean)) + rounding + whole;
      expect(Math.abs(value! - held(field, mean)), `${value} for ${mean}`).toBeLessThan(near);
      const average = values.reduce((sum, each) => sum + each, 0) / DRAWS;
      const far = Math.abs(average - ofDraws.mean);
      const text = `mean of draws: ${average}, ${ofDraws.mean}`;
      expect(far, text).toBeLessThan((5 * deviation) / Math.sqrt(DRAWS) + near);
    }
  });
});
