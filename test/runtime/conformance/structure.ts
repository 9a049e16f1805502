// Operators that move values: shapes, parts, indices.
import { BATCH, concat, constant, input, parameter } from "#elbo/graph/index.js";
import { type Case, evaluate, expectClose, range, spread } from "./case.ts";

const x = input("x", [BATCH, 2, 3]);
const indices = input("indices", [BATCH], "int32");
const cube = range(12);

export const structure: Case[] = [
  {
    name: "reshape and transpose",
    async run(device) {
      const outputs = {
        reshaped: x.reshape([-3, 2]).add(1),
        transposed: x.transpose([0, 2, 1]),
        batchLast: x.transpose(),
      };
      const result = await evaluate(device, outputs, { x: cube }, { batch: 2 });
      expectClose(
        result["reshaped"]!,
        cube.map((v) => v + 1),
        "reshape",
      );
      expectClose(result["transposed"]!, [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11], "transpose");
      expectClose(result["batchLast"]!, [0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11], "reversed axes");
    },
  },
  {
    name: "broadcastTo a known shape and to the batch",
    async run(device) {
      const row = input("row", [3]);
      const outputs = {
        known: row.broadcastTo([2, 3]),
        batch: row.broadcastTo([BATCH, 2, 3]).add(x.mul(0)),
        alone: row.sum().broadcastTo([BATCH, 2]),
        twice: row.broadcastTo([-2, 3]),
      };
      const feeds = { row: [1, 2, 3], x: cube };
      const result = await evaluate(device, outputs, feeds, { batch: 2 });
      expectClose(result["known"]!, [1, 2, 3, 1, 2, 3], "broadcast");
      expectClose(
        result["batch"]!,
        range(12).map((i) => 1 + (i % 3)),
        "broadcast to batch",
      );
      expectClose(result["alone"]!, [6, 6, 6, 6], "scalar to batch");
      expectClose(
        result["twice"]!,
        range(12).map((i) => 1 + (i % 3)),
        "broadcast to 2·batch",
      );
    },
  },
  {
    name: "the batch is known from an input of any type and place",
    async run(device) {
      const row = parameter("row", [2]);
      for (const source of [
        input("s", [BATCH], "int32"),
        input("s", [3, BATCH], "uint8"),
        input("s", [2, BATCH, 2]),
      ]) {
        const total = source.cast("float32").sum();
        const outputs = { out: row.broadcastTo([BATCH, 2]).reshape([-2]).add(total.mul(0)) };
        const options = { batch: 3, weights: { row: [5, 6] } };
        const { out } = await evaluate(device, outputs, {}, options);
        expectClose(out!, [5, 6, 5, 6, 5, 6], `batch from ${source.dtype}`);
      }
    },
  },
  {
    name: "pairs of rows have the batch twice",
    async run(device) {
      const rows = x.reshape([BATCH, 6]);
      const products = rows.matmul(rows.transpose());
      const outputs = {
        products: products.reshape([BATCH, 1, BATCH]).add(1),
        ones: rows.sum().mul(0).add(1).broadcastTo([BATCH, BATCH]).mul(products),
      };
      const result = await evaluate(device, outputs, { x: cube }, { batch: 2 });
      expectClose(result["products"]!, [56, 146, 146, 452], "reshaped pairs");
      expectClose(result["ones"]!, [55, 145, 145, 451], "broadcast pairs");
    },
  },
  {
    name: "slice, stride, pad, split, concat, reverse",
    async run(device) {
      const [first, rest] = x.split(2, [1, 2]);
      const outputs = {
        slice: x.slice(2, 1, 3),
        stride: x.slice(2, 0, 3, 2),
        pad: x.pad(1, 1, 0, -1),
        swapped: concat([rest!, first!], 2),
        rows: concat([x, x.slice(1, 0, 1)], 1),
        reverse: x.reverse(2),
      };
      const result = await evaluate(device, outputs, { x: cube }, { batch: 2 });
      expectClose(result["slice"]!, [1, 2, 4, 5, 7, 8, 10, 11], "slice");
      expectClose(result["stride"]!, [0, 2, 3, 5, 6, 8, 9, 11], "strided slice");
      const padded = [-1, -1, -1, 0, 1, 2, 3, 4, 5, -1, -1, -1, 6, 7, 8, 9, 10, 11];
      expectClose(result["pad"]!, padded, "pad");
      expectClose(result["swapped"]!, [1, 2, 0, 4, 5, 3, 7, 8, 6, 10, 11, 9], "concat");
      const rows = [0, 1, 2, 3, 4, 5, 0, 1, 2, 6, 7, 8, 9, 10, 11, 6, 7, 8];
      expectClose(result["rows"]!, rows, "concat of unequal parts");
      expectClose(result["reverse"]!, [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9], "reverse");
    },
  },
  {
    name: "gather rows and axes",
    async run(device) {
      const table = constant(range(8), [4, 2]);
      const outputs = { rows: table.gather(0, indices), axis: x.gather(2, [2, 0]) };
      const feeds = { indices: [3, 0], x: cube };
      const result = await evaluate(device, outputs, feeds, { batch: 2 });
      expectClose(result["rows"]!, [6, 7, 0, 1], "gather rows");
      expectClose(result["axis"]!, [2, 0, 5, 3, 8, 6, 11, 9], "gather axis");
    },
  },
  {
    name: "scatterAdd adds what falls on one row",
    async run(device) {
      const rows = input("rows", [BATCH, 2]);
      const feeds = { rows: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], indices: [2, 0, 2, 2, 0] };
      const { out } = await evaluate(device, { out: rows.scatterAdd(indices, 4) }, feeds, {
        batch: 5,
      });
      expectClose(out!, [12, 14, 0, 0, 13, 16, 0, 0], "scatterAdd");
    },
  },
  {
    name: "oneHot and gatherElements",
    async run(device) {
      const picks = input("picks", [BATCH, 2, 1], "int32");
      const outputs = { hot: indices.oneHot(3), picked: x.gatherElements(2, picks) };
      const feeds = { indices: [2, 0], picks: [0, 2, 1, 1], x: cube };
      const result = await evaluate(device, outputs, feeds, { batch: 2 });
      expectClose(result["hot"]!, [0, 0, 1, 1, 0, 0], "oneHot");
      expectClose(result["picked"]!, [0, 5, 7, 10], "gatherElements");
    },
  },
  {
    name: "topK: values in descending order, and their places",
    async run(device) {
      const rows = input("rows", [BATCH, 5]);
      const { values, indices: places } = rows.topK(3);
      const feeds = { rows: [3, -1, 4, 1, 5, 9, -2, 6, -5, 3.5] };
      const result = await evaluate(device, { values, places }, feeds, { batch: 2 });
      expectClose(result["values"]!, [5, 4, 3, 9, 6, 3.5], "topK values");
      expectClose(result["places"]!, [4, 2, 0, 0, 2, 4], "topK places");
    },
  },
  {
    name: "cumulativeSum both ways",
    async run(device) {
      const outputs = { up: x.cumulativeSum(2), down: x.cumulativeSum(1, true) };
      const result = await evaluate(device, outputs, { x: cube }, { batch: 2 });
      expectClose(result["up"]!, [0, 1, 3, 3, 7, 12, 6, 13, 21, 9, 19, 30], "cumulativeSum");
      expectClose(result["down"]!, [3, 5, 7, 3, 4, 5, 15, 17, 19, 9, 10, 11], "from the end");
    },
  },
  {
    name: "stopGradient and straightThrough keep values",
    async run(device) {
      const outputs = { stop: x.mul(2).stopGradient(), through: x.floor().straightThrough(x) };
      const values = spread(6);
      const result = await evaluate(device, outputs, { x: values });
      expectClose(
        result["stop"]!,
        values.map((v) => 2 * v),
        "stopGradient",
      );
      expectClose(result["through"]!, values.map(Math.floor), "straightThrough");
    },
  },
];
