// Numbers at the edges of their types come back from every format, or its rows are refused and its bytes come
// back: none is rounded, and no sign lost, without a word.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ElboError } from "#elbo/base/errors.js";
import { numberArray } from "#elbo/data/arrays/elements.js";
import { npzFile } from "#elbo/data/write/npz.js";
import type { Element } from "#elbo/fields/columns.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { type Run, runOf } from "#elbo/tasks/run.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";
import type { Numbers } from "./h5ad-files.ts";
import { npzContent } from "./npz-content.ts";
import { sql, type ValueFormat, valueFormats } from "./value-files.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const options = { force: true, threads: 1, rivals: false };
let run: Run;

beforeAll(async () => {
  const numbers = Float64Array.from({ length: 60 }, (_, i) => i / 3);
  const output = await npzFile(at("seen.npz"), [{ name: "v", description: "<f8", inner: [3] }]);
  await output.write([new Uint8Array(numbers.buffer)], 20);
  await output.close();
  const small = { network: "mlp:4", latent: 2, epochs: 1, validation: 0, report: false } as const;
  await train(at("seen.npz"), { ...small, out: at("run") });
  run = await runOf(at("run"));
}, 60_000);

async function compressed(data: string, more: { rows?: boolean; lossy?: boolean } = {}) {
  const { content } = await compressTo(at("a.elbo"), run, data, { ...options, ...more });
  return content;
}

async function rowsBack(column: string) {
  await decompressTo(at("back.npz"), run, at("a.elbo"), { force: true, threads: 1 });
  return (await npzContent(at("back.npz"))).get(column);
}

/** The rows that come back; "refused" where rows do not say all, and then the file's bytes have come back. */
async function outcome(file: string, column: string) {
  try {
    await compressed(file, { rows: true });
  } catch (error) {
    if (!(error instanceof ElboError) || error.code !== "compress-lost") throw error;
    expect(error.hint).toContain("Leave --rows");
    expect(await compressed(file)).not.toBe("rows");
    await decompressTo(at("back"), run, at("a.elbo"), { force: true, threads: 1 });
    expect(readFileSync(at("back")).equals(readFileSync(file))).toBe(true);
    return "refused";
  }
  return (await rowsBack(column))?.values;
}

const arrays = {
  ...{ f4: Float32Array, f8: Float64Array, i8: BigInt64Array, u8: BigUint64Array },
} as const;

function numbersOf(element: Element, values: readonly (number | bigint)[]): Numbers {
  const array = arrays[element as keyof typeof arrays] as Float64ArrayConstructor;
  return array.from(values as number[]);
}

const fileOf = ({ ending }: ValueFormat) => at(`v${ending}`);

const large = [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, 2n ** 64n - 1n];
/** The formats whose rows say every integer of eight bytes. */
const whole = /^(npy|npz|Parquet|h5ad, (dense|an annotation|categories))/;

/** DuckDB has a type of JSON's integers of one sign below 2^63. */
const isHeld = ({ name }: ValueFormat, value: bigint) =>
  whole.test(name) || (name === "JSON" && value > 0n && value < 2n ** 63n);

const cases = valueFormats.flatMap((format) =>
  format.elements
    .filter((element) => /^[iu]8$/.test(element))
    .flatMap((element) => {
      const fits = element === "u8" ? BigInt.asUintN : BigInt.asIntN;
      const values = large.filter((value) => fits(64, value) === value);
      const held = values.filter((value) => isHeld(format, value));
      const refused = values.filter((value) => !isHeld(format, value));
      const { name } = format;
      return [
        ...(held.length > 0 ? [{ name, format, element, values: held, back: true }] : []),
        ...refused.map((value) => ({ name, format, element, values: [value], back: false })),
      ];
    }),
);

test.each(cases)("$values as $element in $name are not rounded", async (each) => {
  const { format, element, values, back } = each;
  const numbers = Array.from({ length: 6 }, (_, i) => values[i - 2] ?? BigInt(i));
  await format.write(fileOf(format), numbersOf(element, numbers), element);
  expect(await outcome(fileOf(format), format.column)).toEqual(back ? numbers : "refused");
});

test.each([
  "SELECT [9007199254740993::HUGEINT, 2] AS v",
  "SELECT sum(i + 9007199254740993) AS v FROM range(3) t(i)",
  "SELECT 18446744073709551615::UHUGEINT AS v",
  "SELECT 9007199254740993::DECIMAL(18, 0) AS v",
  "SELECT [90071992547409.93::DECIMAL(18, 2), 9007199254740.993::DECIMAL(18, 2), 900719925474099.31] AS v",
])("%s is refused", async (query) => {
  const error = compressTo(at("a.elbo"), run, query, options);
  await expect(error).rejects.toMatchObject({ code: "compress-lost" });
});

test("long integers with gaps come back from categories", async () => {
  const { writeH5ad } = await import("./h5ad-files.ts");
  const categories = BigInt64Array.of(2n ** 53n + 1n, 2n ** 63n - 1n);
  const v = { codes: Int8Array.of(1, -1, 0), categories };
  await writeH5ad(at("g.h5ad"), { rows: 3, columns: 1, values: new Float32Array(3), obs: { v } });
  await compressed(at("g.h5ad"));
  await decompressTo(at("g.parquet"), run, at("a.elbo"), { force: true });
  expect(await sql(`SELECT v, typeof(v) AS type FROM '${at("g.parquet")}'`)).toEqual([
    { v: 2n ** 63n - 1n, type: "BIGINT" },
    { v: null, type: "BIGINT" },
    { v: 2n ** 53n + 1n, type: "BIGINT" },
  ]);
});

test("infinite numbers are not written as JSON, which has none", async () => {
  await compressed("SELECT 'inf'::DOUBLE AS v");
  const written = decompressTo(at("inf.json"), run, at("a.elbo"), { force: true });
  await expect(written).rejects.toMatchObject({ code: "column-values" });
  expect(existsSync(at("inf.json"))).toBe(false);
});

// They came back as float32.
test.each(valueFormats.filter(({ elements }) => elements.includes("f2")))(
  "halves in $name come back as halves",
  async (format) => {
    const halves = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 24, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(halves, async (bits) => {
        const numbers = Uint16Array.from(bits);
        await format.write(fileOf(format), numbers, "f2");
        await compressed(fileOf(format), { rows: true });
        const back = await rowsBack(format.column);
        expect(back?.element).toBe("f2");
        const values = numberArray("f2", new Uint8Array(numbers.slice().buffer));
        expect(back?.values).toEqual([...values!]);
      }),
      { numRuns: 3 },
    );
  },
);

const specials = [-0, 0, 5e-324, -1e-310, 1e-40, -1e-45, 1e300, 3.4028234663852886e38];
const odd = fc.oneof(
  fc.constantFrom(...specials, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.double(),
  fc.integer({ min: -999, max: 999 }).map((x) => x / 100),
);
const finite = odd.filter((value) => Math.abs(value) < 3e38 || Number.isNaN(value));
const many = (of: fc.Arbitrary<number>) => fc.array(of, { minLength: 24, maxLength: 24 });

/** A whole number whose digits, as JavaScript writes them, are not all in it. */
const isRoundedText = (value: number) =>
  Number.isInteger(value) && Math.abs(value) < 1e21 && BigInt(value) !== BigInt(String(value));

describe.each(valueFormats)("odd numbers in $name", (format) => {
  const inDigits = /csv|JSON|Matrix Market/.test(format.name);
  const elements = format.elements.filter((element) => /^f[48]$/.test(element));
  test.each(elements)("%s", async (element) => {
    const given = fc.oneof(many(finite), many(odd));
    await fc.assert(
      fc.asyncProperty(given, async (drawn) => {
        const values = [...numbersOf(element, drawn)].map((value) =>
          format.lacks?.(value) ? 0.5 : value,
        );
        await format.write(fileOf(format), numbersOf(element, values), element);
        const back = await outcome(fileOf(format), format.column);
        // Infinite numbers, and those that are for float32, some formats refuse; in digits long integers, too.
        if (back === "refused") {
          const isRefused = (value: number) =>
            Math.abs(value) > 3e38 || (inDigits && isRoundedText(value));
          expect(values.map(Number).some(isRefused)).toBe(true);
        } else expect(back).toEqual(values);
      }),
      { numRuns: 3 },
    );
  });
});
