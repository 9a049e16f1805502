// What data.json may hold: a run folder from a stranger is data, and is checked before use.
import * as z from "zod";
import { kinds, roles } from "../fields/field.ts";
import { type Finding, findingCodes } from "../fields/findings.ts";
import type { DataRecord } from "./record.ts";

const whole = z.int().min(0);
const edge = z.union([z.number(), z.string()]).nullable();

const field = z.strictObject({
  name: z.string(),
  kind: z.enum(kinds),
  role: z.enum(roles),
  likelihood: z.string().nullable(),
  missing: whole,
  distinct: whole.nullable(),
  min: edge,
  mean: z.number().nullable(),
  max: edge,
  frequent: z.array(z.strictObject({ value: z.string(), count: whole })).max(5),
  shape: z.array(whole),
});

const finding: z.ZodType<Finding> = z.strictObject({
  code: z.enum(findingCodes),
  column: z.string(),
  message: z.string(),
  hint: z.string(),
});

export const recordSchema: z.ZodType<DataRecord> = z.strictObject({
  rows: z.strictObject({ training: whole, validation: whole }),
  summary: z
    .strictObject({
      source: z.string(),
      rows: whole,
      fields: z.array(field),
      findings: z.array(finding),
      notes: z.array(z.strictObject({ code: z.string(), message: z.string() })),
    })
    .nullable(),
});
