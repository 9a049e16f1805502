// Models that have learned nothing, and whether rows come back by them.
import { expect } from "vitest";
import type { CodedColumn } from "#elbo/codec/columns.js";
import { rowsBlock, rowsReader } from "#elbo/codec/contents/rows.js";
import { fitCodec } from "#elbo/codec/fit.js";
import { RowCodec } from "#elbo/codec/rows.js";
import type { DataSource } from "#elbo/data/source.js";
import type { ColumnValues } from "#elbo/fields/columns.js";
import type { Declarations } from "#elbo/fields/declare.js";
import { parametersOf } from "#elbo/models/graphs.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { Random } from "#elbo/runtime/random.js";
import { modelConfig } from "../models/config.ts";
import { schemaOf } from "../tasks/schema-of.ts";

export async function modelOf(
  source: DataSource,
  config: Partial<ModelConfig> = {},
  declarations: Declarations = {},
) {
  const schema = await schemaOf(source, declarations);
  const model = modelConfig(config);
  const weights = parametersOf(schema, model).initialize(new Random(5));
  return { schema, config: model, weights };
}

async function chunkOf(source: DataSource): Promise<{ rows: number; columns: ColumnValues[] }> {
  for await (const chunk of source.chunks()) return chunk;
  throw new Error("no rows");
}

/** The archive's columns of a source, and its rows as a block. */
export async function blockOf(source: DataSource) {
  const { rows, columns } = await chunkOf(source);
  const block = rowsBlock(source.columns, columns, rows);
  const coded = source.columns.map(
    ({ name }, i): CodedColumn => ({ name, type: block.cells[i]!.type }),
  );
  return { block, coded, values: columns };
}

export async function comesBack(
  model: Awaited<ReturnType<typeof modelOf>>,
  source: DataSource,
): Promise<number> {
  const { block, coded, values } = await blockOf(source);
  const { cells, rows, frame } = block;
  const fitted = fitCodec(model, coded, cells, rows);
  const make = () => new RowCodec(model.schema, model.config, model.weights, coded, fitted);
  const bytes = make().encode(cells, rows);
  const reader = rowsReader(source.columns);
  const decoded = make().decode(bytes, reader.known(frame, rows), rows);
  expect(reader.restore(frame, decoded, rows)).toEqual(values);
  return bytes.length;
}
