// Raw values into the blocks of groups, and what is refused on the way.
import { describe, expect, test } from "vitest";
import type { ColumnInfo, ColumnValues } from "#elbo/fields/columns.js";
import type { Field } from "#elbo/fields/field.js";
import { layoutOf, MISSING } from "#elbo/fields/layout.js";
import { Packer } from "#elbo/fields/pack.js";
import { elboError } from "../helpers/errors.ts";
import {
  binary,
  categorical,
  chunkOf,
  column,
  count,
  image,
  numbers,
  positive,
  real,
  schemaOf,
  texts,
  time,
  times,
  vector,
  weight,
} from "./schemas.ts";

const { NaN: gap } = Number;

/** A packer of one field fed by one column, and what it makes of the values. */
function one(field: Field, info: ColumnInfo, use: "training" | "scoring" = "training") {
  const schema = schemaOf(field);
  const packer = new Packer(schema, { source: "a.csv", columns: [info] }, use);
  const pack = (values: ColumnValues, rows = values.values.length) => {
    const { groups } = packer.pack(chunkOf(rows, values));
    const [packed] = [...groups.values()];
    return packed!.type === "dense" ? [...packed!.values] : packed!;
  };
  return { packer, pack };
}

describe("each kind", () => {
  test("numbers become float32, and gaps NaN", () => {
    expect(one(real("x"), column.number("x")).pack(numbers(1.5, gap, -0.1))).toEqual([
      1.5,
      gap,
      Math.fround(-0.1),
    ]);
    expect(one(positive("x"), column.number("x")).pack(numbers(2, gap))).toEqual([2, gap]);
    expect(one(count("x"), column.number("x")).pack(numbers(0, 7, gap))).toEqual([0, 7, gap]);
    expect(one(binary("x"), column.boolean("x")).pack(numbers(0, 1, gap))).toEqual([0, 1, gap]);
  });

  test("texts become the codes of their levels; others one past the end, with a note", () => {
    const { pack, packer } = one(categorical("c", ["a", "b"]), column.text("c"));
    expect(pack(texts("b", "a", "a", null, "z", "z", "b"))).toEqual([1, 0, 0, MISSING, 2, 2, 1]);
    expect(pack(texts("y"))).toEqual([2]);
    expect(packer.notes()).toEqual([
      {
        code: "level-unseen",
        message:
          'column "c": 3 cells with values that are none of its 2 levels, such as "z" in row 5',
      },
    ]);
  });

  test("numbers and booleans are levels by their texts, whatever the column's type", () => {
    const digits = categorical("c", ["0", "1.5"], { of: "number" });
    expect(one(digits, column.number("c")).pack(numbers(1.5, 0, -0, gap, 3))).toEqual([
      1,
      0,
      0,
      MISSING,
      2,
    ]);
    expect(one(digits, column.text("c")).pack(texts("1.50", "0", null))).toEqual([1, 0, MISSING]);
    expect(one(categorical("c", ["0", "1"]), column.number("c")).pack(numbers(1, 0))).toEqual([
      1, 0,
    ]);
    const truths = categorical("c", ["false", "true"], { of: "boolean" });
    expect(one(truths, column.boolean("c")).pack(numbers(1, 0, gap))).toEqual([1, 0, MISSING]);
    expect(one(truths, column.number("c")).pack(numbers(1, 0))).toEqual([1, 0]);
    expect(one(truths, column.text("c")).pack(texts("True", "false"))).toEqual([1, 0]);
    const zeros = categorical("c", ["0", "1"], { of: "number" });
    expect(one(zeros, column.boolean("c")).pack(numbers(1, 0))).toEqual([1, 0]);
  });

  test("moments become days and milliseconds, before 1970 too", () => {
    const day = 86_400_000;
    expect(one(time("t", false), column.time("t")).pack(times(day + 5, -1, gap), 3)).toEqual([
      1,
      5,
      -1,
      day - 1,
      MISSING,
      MISSING,
    ]);
    expect(one(time("t", true), column.time("t")).pack(times(-3 * day, 0), 2)).toEqual([
      -3, 0, 0, 0,
    ]);
  });

  test("images keep their bytes, or become floats", () => {
    const bytes: ColumnValues = { type: "image", values: Uint8Array.of(1, 2, 3, 255) };
    const floats: ColumnValues = { type: "image", values: Float32Array.of(1, 2, 3, 255) };
    const info = column.image("i", 1, 2, 1);
    expect(one(image("i", [1, 2, 1]), info).pack(bytes, 2)).toEqual([1, 2, 3, 255]);
    expect(one(image("i", [1, 2, 1]), info).pack(floats, 2)).toEqual([1, 2, 3, 255]);
    const field = image("i", [1, 2, 1], { bytes: false, likelihood: "gaussian" });
    expect(one(field, info).pack(bytes, 2)).toEqual([1, 2, 3, 255]);
    expect(one(field, info).pack(floats, 2)).toEqual([1, 2, 3, 255]);
  });

  test("vectors stay dense or sparse, or become what the field is", () => {
    const dense: ColumnValues = { type: "vector", values: Float32Array.of(0, 2, 0, gap, 0, 0) };
    const sparse: ColumnValues = {
      type: "sparse",
      offsets: Int32Array.of(0, 1, 2),
      indices: Int32Array.of(1, 0),
      values: Float32Array.of(2, gap),
    };
    for (const values of [dense, sparse]) {
      const info = column.vector("v", 3, values === sparse);
      expect(one(vector("v", 3), info).pack(values, 2)).toEqual([0, 2, 0, gap, 0, 0]);
      expect(one(vector("v", 3, { sparse: true }), info).pack(values, 2)).toEqual(sparse);
    }
  });

  test("fields of a group lie side by side, in columns asked for by name", () => {
    const schema = schemaOf(
      real("a"),
      categorical("c", ["p", "q"]),
      { name: "key", kind: "categorical", role: "id" },
      real("b"),
      weight("w"),
    );
    const columns = [
      ...[column.number("w"), column.number("b"), column.text("key"), column.number("extra")],
      ...[column.text("c"), column.number("a")],
    ];
    const packer = new Packer(schema, { source: "a.csv", columns }, "training");
    expect(packer.names).toEqual(["a", "c", "b", "w"]);
    const packed = packer.pack(
      chunkOf(2, numbers(1, 2), texts("q", "p"), numbers(10, gap), numbers(0.5, 0)),
    );
    const [reals, levels] = layoutOf(schema);
    expect(packed.rows).toBe(2);
    expect(packed.groups.get(reals!.name)).toEqual({
      type: "dense",
      values: Float32Array.of(1, 10, 2, gap),
    });
    expect(packed.groups.get(levels!.name)).toEqual({ type: "dense", values: Int32Array.of(1, 0) });
    expect(packed.weights).toEqual(Float32Array.of(0.5, 0));
  });
});

describe("cells that cannot be", () => {
  const wrong: [string, Field, ColumnInfo, ColumnValues, string][] = [
    ["infinite", real("x"), column.number("x"), numbers(1, Infinity), "value-infinite"],
    ["beyond float32", count("x"), column.number("x"), numbers(1, 1e39), "value-infinite"],
    ["text of infinity", real("x"), column.text("x"), texts("1", "-inf"), "value-infinite"],
    ["negative count", count("x"), column.number("x"), numbers(1, -1), "count-invalid"],
    ["fractional count", count("x"), column.number("x"), numbers(1, 0.5), "count-invalid"],
    ["zero", positive("x"), column.number("x"), numbers(1, 0), "positive-invalid"],
    ["zero in float32", positive("x"), column.number("x"), numbers(1, 1e-60), "positive-invalid"],
    [
      "below the offset",
      positive("x", { offset: 0.5 }),
      ...([column.number("x"), numbers(0, -0.5), "positive-invalid"] as const),
    ],
    [
      "below a hurdle",
      positive("x", { likelihood: "hurdle-log-normal", zeros: 0.5 }),
      ...([column.number("x"), numbers(0, -0.5), "positive-invalid"] as const),
    ],
    ["two for a bit", binary("x"), column.number("x"), numbers(1, 2), "binary-invalid"],
    ["a word for a number", real("x"), column.text("x"), texts("1", "one"), "data-mismatch"],
    ["an empty text for a number", real("x"), column.text("x"), texts("1", ""), "data-mismatch"],
    ["hexadecimal", real("x"), column.text("x"), texts("1", "0x10"), "data-mismatch"],
    ["a time for a number", real("x"), column.time("x"), times(gap, 0), "data-mismatch"],
    [
      "a time for a level",
      categorical("x", ["a"]),
      column.time("x"),
      times(gap, 0),
      "data-mismatch",
    ],
    ["a number for a time", time("x", false), column.number("x"), numbers(gap, 3), "data-mismatch"],
    ["a text for a time", time("x", false), column.text("x"), texts(null, "a"), "data-mismatch"],
    ["a moment for a date", time("x", true), column.time("x"), times(0, 1), "data-mismatch"],
    ["no weight", weight("x"), column.number("x"), numbers(1, gap), "weight-invalid"],
    ["a negative weight", weight("x"), column.number("x"), numbers(1, -1), "weight-invalid"],
    [
      "a pixel between bytes",
      image("x", [1, 1, 1]),
      column.image("x", 1, 1, 1),
      { type: "image", values: Float32Array.of(1, 1.5) },
      "data-mismatch",
    ],
    [
      "a pixel that is missing",
      image("x", [1, 1, 1], { bytes: false }),
      column.image("x", 1, 1, 1),
      { type: "image", values: Float32Array.of(1, gap) },
      "value-infinite",
    ],
    [
      "a negative count in a vector",
      vector("x", 2, { likelihood: "negative-binomial" }),
      column.vector("x", 2),
      { type: "vector", values: Float32Array.of(1, 2, 3, -1) },
      "count-invalid",
    ],
    [
      "an infinity in a sparse vector",
      vector("x", 2, { sparse: true }),
      column.vector("x", 2, true),
      {
        type: "sparse",
        offsets: Int32Array.of(0, 0, 2),
        indices: Int32Array.of(0, 1),
        values: Float32Array.of(1, Infinity),
      },
      "value-infinite",
    ],
  ];

  test.each(wrong)("%s: the row is named", async (_, field, info, values, code) => {
    for (const use of ["training", "scoring"] as const) {
      const { packer } = one(field, info, use);
      const error = await elboError(() => {
        packer.pack(chunkOf(2, values));
      });
      expect(error.code).toBe(code);
      expect(error.where).toEqual({ file: "a.csv", row: 2, column: "x" });
      expect(error.message).toContain('a.csv, row 2, column "x": ');
    }
  });

  test("rows are counted over chunks", async () => {
    const { pack } = one(real("x"), column.number("x"));
    pack(numbers(1, 2, 3));
    expect((await elboError(() => pack(numbers(1, -Infinity)))).where?.row).toBe(5);
  });

  test("columns of gaps alone fit anything", () => {
    expect(one(time("x", false), column.text("x")).pack(texts(null), 1)).toEqual([
      MISSING,
      MISSING,
    ]);
    expect(one(real("x"), column.text("x")).pack(texts(null))).toEqual([gap]);
    expect(one(real("x"), column.time("x")).pack(times(gap))).toEqual([gap]);
    expect(one(categorical("x", ["a"]), column.number("x")).pack(numbers(gap))).toEqual([MISSING]);
  });

  test("texts of numbers and of truths are taken", () => {
    expect(one(real("x"), column.text("x")).pack(texts(" 1.5e2", "-.5", "+3"))).toEqual([
      150, -0.5, 3,
    ]);
    expect(one(binary("x"), column.text("x")).pack(texts("TRUE", "0", null))).toEqual([1, 0, gap]);
  });

  test("integers too large for float32 are noted once", () => {
    const { pack, packer } = one(real("x"), column.number("x"));
    pack(numbers(16_777_216, 16_777_217.5, 16_777_217, 33_554_433));
    expect(packer.notes()).toEqual([
      {
        code: "precision-lost",
        message:
          'column "x" holds integers too large for float32 (row 3: 16777217 became 16777216)',
      },
    ]);
  });
});

describe("columns that do not match", () => {
  const schema = schemaOf(
    real("height"),
    real("width", { role: "condition" }),
    categorical("label", ["a"], { role: "target" }),
    weight("w"),
  );

  test("all missing ones are named, with the nearest unused name", async () => {
    const columns = [column.number("heigth"), column.number("label")];
    const error = await elboError(
      () => new Packer(schema, { source: "b.csv", columns }, "scoring"),
    );
    expect(error.code).toBe("data-mismatch");
    expect(error.kind).toBe("usage");
    expect(error.message).toBe("the run's columns height, width are not in b.csv");
    expect(error.hint).toBe("Is heigth the column height? Rename it.");
  });

  test("a column of numbers is no misnamed image", async () => {
    const [age, sex] = [column.number("age"), column.text("sex")];
    const error = await elboError(
      () =>
        new Packer(
          schemaOf(image("image", [4, 5, 1])),
          { source: "b.csv", columns: [age, sex] },
          "scoring",
        ),
    );
    expect(error.message).toBe("the run's column image is not in b.csv");
    expect(error.hint).toBe("Give data with the run's columns: b.csv holds the columns age, sex.");
  });

  test("scoring goes without targets and weights, training does not", async () => {
    const columns = [column.number("width"), column.number("height")];
    const packer = new Packer(schema, { source: "b.csv", columns }, "scoring");
    expect(packer.names).toEqual(["height", "width"]);
    const packed = packer.pack(chunkOf(1, numbers(1), numbers(2)));
    expect(packed.weights).toBeNull();
    const label = layoutOf(schema).find(({ name }) => name.startsWith("target"))!;
    expect(packed.groups.get(label.name)).toEqual({
      type: "dense",
      values: Int32Array.of(MISSING),
    });
    const error = await elboError(() => new Packer(schema, { source: "b", columns }, "training"));
    expect(error.message).toBe("the run's columns label, w are not in b");
  });

  test("a missing target beside one that is there is missing cells", () => {
    const two = schemaOf(real("a", { role: "target" }), real("b", { role: "target" }));
    const packer = new Packer(two, { source: "b", columns: [column.number("b")] }, "scoring");
    const [packed] = [...packer.pack(chunkOf(2, numbers(1, 2))).groups.values()];
    expect(packed).toEqual({ type: "dense", values: Float32Array.of(gap, 1, gap, 2) });
  });

  test("absent vectors and images of a target", () => {
    const target = { role: "target" } as const;
    const none = { source: "b", columns: [] };
    const packed = (field: Field) =>
      [...new Packer(schemaOf(field), none, "scoring").pack(chunkOf(2)).groups.values()][0];
    expect(packed(vector("v", 2, target))).toEqual({
      type: "dense",
      values: Float32Array.of(gap, gap, gap, gap),
    });
    expect(packed(vector("v", 2, { ...target, sparse: true }))).toEqual({
      type: "sparse",
      offsets: Int32Array.of(0, 2, 4),
      indices: Int32Array.of(0, 1, 0, 1),
      values: Float32Array.of(gap, gap, gap, gap),
    });
    expect(packed(image("i", [1, 1, 1], target))).toEqual({
      type: "dense",
      values: Uint8Array.of(0, 0),
    });
  });

  test.each([
    ["an image's size", image("x", [2, 2, 1]), column.image("x", 2, 3, 1), "2×2×1", "2×3×1"],
    ["a vector's size", vector("x", 4), column.vector("x", 5), "4 numbers", "5 numbers"],
    ["a vector for a number", real("x"), column.vector("x", 5), "one real value", "vectors of 5"],
    ["a number for an image", image("x", [2, 2, 1]), column.number("x"), "images", "numbers"],
  ])("%s: both are named", async (_, field, info, expected, received) => {
    const error = await elboError(() => one(field, info));
    expect(error.code).toBe("data-mismatch");
    expect(error.message).toContain(expected);
    expect(error.message).toContain(`received`);
    expect(error.message.split("received")[1]).toContain(received);
  });
});
