// The schema file: written, read back, and refused with reasons.
import { expect, test } from "vitest";
import { declareFields } from "#elbo/fields/declare.js";
import { profileColumns } from "#elbo/fields/profile.js";
import { parseSchema } from "#elbo/fields/schema-file.js";
import { schemaText } from "#elbo/fields/schema-text.js";
import { elboError } from "../helpers/errors.ts";
import { booleans, numbers, table, texts } from "./table.ts";

const fill = <Cell>(cell: (i: number) => Cell): Cell[] =>
  Array.from({ length: 60 }, (_, i) => cell(i));
const image = { name: "photo", type: "image", height: 1, width: 1, channels: 1 } as const;
const data = table([
  numbers(
    "height",
    fill((i) => i / 7),
  ),
  texts(
    "size",
    fill((i) => ["small", 'large "XL"'][i % 2]!),
  ),
  texts(
    "name",
    fill((i) => `n${i}`),
  ),
  booleans(
    "sold",
    fill((i) => i % 2),
  ),
  { info: image, cells: Uint8Array.from(fill((i) => i)) },
]);

test("what is written reads a field a line, and means the same when it is read", async () => {
  const profiles = await profileColumns(data);
  const { fields } = declareFields(data, profiles);
  const text = schemaText(fields);
  expect(text).toBe(`{
  "fields": [
    { "name": "height", "kind": "real", "role": "data", "likelihood": "gaussian", "scale": "standardize" },
    { "name": "size", "kind": "categorical", "role": "data", "likelihood": "categorical", "levels": ["large \\"XL\\"", "small"] },
    { "name": "name", "kind": "text", "role": "id" },
    { "name": "sold", "kind": "binary", "role": "data", "likelihood": "bernoulli" },
    { "name": "photo", "kind": "image", "role": "data", "likelihood": "bernoulli", "binarize": "none" }
  ]
}
`);
  const schema = parseSchema(text, "schema.json");
  expect(declareFields(data, profiles, { schema }).fields).toEqual(fields);
});

test("columns that the file does not list keep what was inferred", async () => {
  const schema = parseSchema('{"fields":[{"name":"height","role":"target"}]}', "s.json");
  const profiles = await profileColumns(data);
  const { fields } = declareFields(data, profiles, { schema });
  expect(fields[0]).toMatchObject({ kind: "real", role: "target" });
  expect(fields.slice(1)).toEqual(declareFields(data, profiles).fields.slice(1));
});

test.each([
  ["{", /a schema file is JSON/, /correct it/],
  ["[]", /the file: .*expected object/, /"fields"/],
  ['{"field":[]}', /the file/, /./],
  ['{"fields":[{"kind":"real"}]}', /fields\[0\], name: /, /all but the name optional/],
  [
    '{"fields":[{"name":"age","kind":"rael"}]}',
    /fields\[0\] \("age"\): kind is one of real, positive, .*; received "rael"/,
    /^did you mean real\?$/,
  ],
  [
    '{"fields":[{"name":"age","rol":"data"}]}',
    /fields\[0\] \("age"\) has the keys name, kind, role, .*; received "rol"/,
    /^did you mean role\?$/,
  ],
  ['{"fields":[{"name":"a"},{"name":"a"}]}', /a column stands once; received "a" twice/, /./],
  [
    '{"fields":[{"name":"a","levels":["x","x"]}]}',
    /a level of fields\[0\] \("a"\) stands once/,
    /./,
  ],
  [
    '{"fields":[{"name":"a","levels":[1]}]}',
    /fields\[0\] \("a"\), levels\.0: .*expected string/,
    /levels and missing as lists of texts/,
  ],
  [
    '{"fields":[{"name":"a","kind":"count","scale":"none"}]}',
    /is count; scale is for the kind real/,
    /leave scale out/,
  ],
])("%s is refused", async (text, message, hint) => {
  const error = await elboError(() => parseSchema(text, "s.json"));
  expect(error).toMatchObject({ code: "schema-invalid", kind: "usage", where: { file: "s.json" } });
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});
