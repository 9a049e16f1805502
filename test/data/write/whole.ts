// Results that are in memory as a whole, written by the writers that take them in parts.
import { type ImageShape, openImageWriter } from "#elbo/data/write/images.js";
import {
  openTableWriter,
  type TableColumn,
  type TableValues,
  type WriteOptions,
} from "#elbo/data/write/table.js";

export interface WholeColumn extends TableColumn {
  values: TableValues;
}

export async function writeTable(
  path: string,
  columns: readonly WholeColumn[],
  options: WriteOptions = {},
): Promise<void> {
  const typed = columns.map(({ name, type }) => ({ name, type }));
  const writer = await openTableWriter(path, typed, options);
  const values = columns.map((column) => column.values);
  await writer.write(values, values[0]!.length);
  await writer.close();
}

export async function writeImages(
  path: string,
  values: Uint8Array,
  shape: ImageShape,
  options: WriteOptions = {},
): Promise<void> {
  const writer = await openImageWriter(path, shape, options);
  await writer.write(values);
  await writer.close();
}
