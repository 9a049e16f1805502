// M2: what a row without its class costs, of what it would cost with each.
import { expect, test } from "vitest";
import { layoutOf, maskInput, rowsInput } from "#elbo/fields/layout.js";
import { build, KL_WEIGHT, trainingGraph } from "#elbo/models/graphs.js";
import { binary, categorical, real, schemaOf } from "../../fields/schemas.ts";
import { evaluate } from "../../oracle/index.ts";
import { modelConfig } from "../config.ts";
import { feedsFor } from "../fed.ts";
import { expectNear, sum } from "./made.ts";

const rows = 5;
const targets = [
  ["levels", categorical("c", ["a", "b"], { role: "target", shares: [0.3, 0.7] })],
  ["a truth value", binary("c", { role: "target", mean: 0.3 })],
] as const;

test.each(targets)("%s: the mean over classes, less the entropy", (_, field) => {
  const schema = schemaOf(real("x", { gaps: false }), real("y", { gaps: false }), field);
  const layout = layoutOf(schema).find(({ fields }) => fields[0]!.name === "c")!;
  const options = { alpha: 0, width: 5 };
  const config = modelConfig({ method: "m2", options, latent: 5, activation: "tanh" });
  const { loss, target, mean } = build(schema, config, {
    drawn: true,
    training: true,
    cut: null,
    gaps: false,
  });
  const { parameters } = trainingGraph(schema, config);
  const fed = {
    ...feedsFor([loss, target!, mean], parameters, rows),
    [KL_WEIGHT]: { shape: [], data: [1] },
  };
  const of = (label: number, there: number) => {
    const same = (value: number) => ({
      shape: [rows, 1],
      data: new Array<number>(rows).fill(value),
    });
    const feeds = { ...fed, [rowsInput(layout)]: same(label), [maskInput(layout)]: same(there) };
    return evaluate([loss, target!], feeds, rows).map(({ data }) => [...data]) as [
      number[],
      number[],
    ];
  };
  const [unknown] = of(0, 0);
  const classes = [0, 1].map((label) => of(label, 1));
  // −log q(y | x) is the target's own term.
  const shares = classes.map(([, cross]) => cross.map((value) => Math.exp(-value)));
  for (let i = 0; i < rows; i++) {
    // A level that no row has takes a share of 1e-5.
    expect(Math.abs(shares[0]![i]! + shares[1]![i]! - 1)).toBeLessThan(1e-3);
  }
  const expected = unknown.map((__, i) =>
    sum(classes.map(([losses], k) => shares[k]![i]! * (losses[i]! + Math.log(shares[k]![i]!)))),
  );
  expectNear(unknown, expected, 3e-3);
});

test("a class weighs its classifier by alpha", () => {
  const schema = schemaOf(real("x", { gaps: false }), binary("c", { role: "target", gaps: false }));
  const losses = [0, 4].map((alpha) => {
    const config = modelConfig({ method: "m2", options: { alpha, width: 5 }, latent: 3 });
    const { loss, target } = build(schema, config, {
      drawn: true,
      training: true,
      cut: null,
      gaps: false,
    });
    const { parameters } = trainingGraph(schema, config);
    const feeds = feedsFor([loss, target!], parameters, rows);
    const [layout] = layoutOf(schema).filter(({ fields }) => fields[0]!.name === "c");
    const labels = { shape: [rows, 1], data: [0, 1, 1, 0, 1] };
    return evaluate([loss, target!], { ...feeds, [rowsInput(layout!)]: labels }, rows);
  });
  const [plain, weighed] = losses.map(([loss]) => [...loss!.data]);
  const target = [...losses[0]![1]!.data];
  expectNear(
    weighed!,
    plain!.map((value, i) => value + 4 * target[i]!),
  );
});
