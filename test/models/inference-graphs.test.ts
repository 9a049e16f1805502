// The draw that a method gives of a row is the one that its terms are of, as its decoder takes it.
import { expect, test } from "vitest";
import { build, decoded, USE } from "#elbo/models/graphs.js";
import { inferenceGraph, LOG_WEIGHT, predictionGraph } from "#elbo/models/inference-graphs.js";
import { methodNames, methods } from "#elbo/models/methods/index.js";
import { binary, categorical, real, schemaOf } from "../fields/schemas.ts";
import { evaluate } from "../oracle/index.ts";
import { modelConfig, smallOptions } from "./config.ts";
import { feedsFor } from "./fed.ts";

const rows = 5;
const schema = schemaOf(
  ...[real("x"), real("y"), binary("b")],
  categorical("c", ["a", "b", "c"], { role: "target" }),
);
const dense = methodNames.filter((name) => methods[name].probabilistic);

/** Small enough for the oracle. */
function configOf(method: (typeof methodNames)[number]) {
  const chosen = smallOptions(method, { width: 5, layers: 2, components: 3, samples: 3 });
  return modelConfig({ method, options: chosen, latent: 6, network: { kind: "mlp", hidden: [6] } });
}

// Terms of m2 are means over classes, of which the draw has one.
test.each(dense.filter((name) => name !== "m2"))(
  "%s: the draw decodes to what is likely",
  (method) => {
    const { body, latent, reconstruction, target } = build(schema, configOf(method), USE);
    const logProbs = body.logProbs(decoded(body, latent!));
    const own = [body.total(logProbs, "data")!.neg(), body.total(logProbs, "target")!.neg()];
    const outputs = [...own, reconstruction, target!];
    const feeds = feedsFor(outputs, body.parameters, rows);
    const [data, ofTarget, dataTerm, targetTerm] = evaluate(outputs, feeds, rows).map((t) => [
      ...t.data,
    ]);
    for (let row = 0; row < rows; row++) {
      expect(data![row]).toBeCloseTo(dataTerm![row]!, 9);
      expect(ofTarget![row]).toBeCloseTo(targetTerm![row]!, 9);
    }
  },
);

test("m2: of a class that is drawn, the decoder and the class's own probability are certain", () => {
  const config = configOf("m2");
  const only = schemaOf(real("x"), categorical("c", ["a", "b", "d"], { role: "target" }));
  const { body, latent } = build(only, config, USE);
  const outputs = decoded(body, latent!);
  const place = body.decoded.findIndex(({ group }) => group.layout.fields[0]!.role === "target");
  const { group } = body.decoded[place]!;
  const shares = group.drawn(body.parameters, outputs[place]!, null)[0]!.softmax(-1);
  const feeds = feedsFor([shares], body.parameters, 40);
  const all = [...evaluate([shares], feeds, 40)[0]!.data];
  const drawn = new Set<number>();
  for (let row = 0; row < 40; row++) {
    const own = all.slice(row * 4, (row + 1) * 4);
    expect(Math.max(...own)).toBeCloseTo(1, 9);
    drawn.add(own.indexOf(Math.max(...own)));
  }
  // 40 draws of three classes, none of which is certain.
  expect(drawn.size).toBeGreaterThan(1);
});

test.each(["vae", "m2"] as const)(
  "%s: a target weighs where it is given, and is never used to predict",
  (method) => {
    const config = configOf(method);
    const weights = [false, true].map(
      (targets) => inferenceGraph(schema, config, targets)[LOG_WEIGHT]!,
    );
    const { body } = build(schema, config, USE);
    const feeds = feedsFor(
      [...weights, ...Object.values(predictionGraph(schema, config))],
      body.parameters,
      rows,
    );
    const layout = body.of("target")[0]!.group.layout;
    const mask = `mask:${layout.name}`;
    const without = { ...feeds, [mask]: { shape: [rows, 1], data: new Float64Array(rows) } };
    const [plain, given] = evaluate(weights, feeds, rows).map((t) => [...t.data]);
    const [alone, gone] = evaluate(weights, without, rows).map((t) => [...t.data]);
    expect(plain).toEqual(alone);
    for (let row = 0; row < rows; row++) {
      expect(gone![row]).toBeCloseTo(plain![row]!, 9);
      expect(given![row]).toBeLessThanOrEqual(plain![row]!);
    }
    expect(given).not.toEqual(plain);
    const told = Object.values(predictionGraph(schema, config));
    const before = evaluate(told, feeds, rows).map((t) => [...t.data]);
    expect(evaluate(told, without, rows).map((t) => [...t.data])).toEqual(before);
  },
);
