// A look at the pages of a Parquet column before hyparquet decodes them: it takes the length of a run
// as it stands in the file, and one that lies makes an array that ends the whole page of the browser.
// Format: https://parquet.apache.org/docs/file-format/data-pages/encodings/
import type { ColumnMetaData, Compressors, SchemaTree } from "hyparquet";

interface Reader {
  view: DataView;
  offset: number;
}

/** A column whose pages are looked at. */
export interface PagedColumn {
  /** The bytes of the column in one row group. */
  bytes: Uint8Array;
  meta: ColumnMetaData;
  /** From the root to the column. */
  path: readonly SchemaTree[];
  compressors: Compressors;
}

/** Arrays of more elements than V8 holds end the process. */
export const mostValues = 1 << 26;
/** Writers may fill the last run up. */
const slack = 1024;

const bitWidth = (value: number) => 32 - Math.clz32(value);

const readerOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Reader => ({
  view: new DataView(buffer, byteOffset, byteLength),
  offset: 0,
});

function varInt(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.view.getUint8(reader.offset++);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return value;
  }
  throw new RangeError("a number is longer than 32 bits");
}

/** Steps over runs until they are `count` values; throws where one is longer. */
function checkRuns(reader: Reader, width: number, count: number): void {
  for (let seen = 0; seen < count; ) {
    const header = varInt(reader);
    const groups = (header & 1) === 1;
    const length = groups ? (header >>> 1) * 8 : header >>> 1;
    if (length > count - seen + slack) {
      throw new RangeError(`a run of ${length} values where ${count - seen} are left`);
    }
    reader.offset += groups ? (length * width) / 8 : (width + 7) >> 3;
    seen += length;
    // Of the values there are as many as levels say that are no gaps, which are not counted here.
    if (reader.offset >= reader.view.byteLength) return;
  }
}

/** Levels, or booleans, behind the number of their bytes. */
function checkCounted(reader: Reader, width: number, count: number): void {
  const length = reader.view.getUint32(reader.offset, true);
  const start = reader.offset + 4;
  reader.offset = start;
  checkRuns(reader, width, count);
  reader.offset = start + length;
}

const inDictionary = (encoding: string) => /^(PLAIN|RLE)_DICTIONARY$/.test(encoding);

/** Values as runs, `count` at most: places in a dictionary, or booleans. */
function checkValues(reader: Reader, encoding: string, count: number): void {
  if (reader.offset >= reader.view.byteLength) return;
  if (inDictionary(encoding)) {
    const width = reader.view.getUint8(reader.offset++);
    if (width > 0) checkRuns(reader, width, count);
  } else if (encoding === "RLE") checkCounted(reader, 1, count);
}

function levelsOf(path: readonly SchemaTree[]): { repetition: number; definition: number } {
  const types = path.slice(1).map(({ element }) => element.repetition_type);
  return {
    repetition: types.filter((type) => type === "REPEATED").length,
    definition: types.filter((type) => type !== "REQUIRED").length,
  };
}

/** @throws RangeError, or what reading past an end throws, where a page is not what it says. */
export async function checkPages(column: PagedColumn): Promise<void> {
  const [{ parquetHeader }, { decompressPage }] = await Promise.all([
    import("hyparquet/src/column.js"),
    import("hyparquet/src/datapage.js"),
  ]);
  const { bytes, meta, path, compressors } = column;
  const { repetition, definition } = levelsOf(path);
  const chunk = readerOf(bytes);
  const total = Number(meta.num_values);
  if (!(total >= 0 && total <= mostValues)) throw new RangeError(`${total} values in a row group`);
  for (let seen = 0; seen < total; ) {
    const header = parquetHeader(chunk);
    // Pages that go backwards would never end.
    const { compressed_page_size: size } = header;
    if (!(size >= 0 && chunk.offset + size <= bytes.length)) {
      throw new RangeError(`a page of ${size} bytes where ${bytes.length - chunk.offset} are left`);
    }
    const packed = bytes.subarray(chunk.offset, chunk.offset + size);
    chunk.offset += size;
    const unpack = (part: Uint8Array, size: number) =>
      readerOf(decompressPage(part, size, meta.codec, compressors));
    const [one, two] = [header.data_page_header, header.data_page_header_v2];
    if (header.dictionary_page_header !== undefined) {
      const { num_values } = header.dictionary_page_header;
      if (!(num_values >= 0 && num_values <= total))
        throw new RangeError("its dictionary is damaged");
      continue;
    }
    const count = (one ?? two)?.num_values ?? -1;
    if (!(count >= 0 && seen + count <= total)) {
      throw new RangeError(`pages of more than the ${total} values of their row group`);
    }
    seen += count;
    if (one !== undefined) {
      const page = unpack(packed, header.uncompressed_page_size);
      if (repetition > 0) checkCounted(page, bitWidth(repetition), count);
      if (definition > 0) checkCounted(page, bitWidth(definition), count);
      checkValues(page, one.encoding, count);
    } else if (two !== undefined) {
      const { repetition_levels_byte_length: first, definition_levels_byte_length: second } = two;
      const levels = readerOf(packed);
      if (repetition > 0) checkRuns(levels, bitWidth(repetition), count);
      levels.offset = first;
      if (definition > 0) checkRuns(levels, bitWidth(definition), count);
      const values = packed.subarray(first + second);
      const unpackedSize = header.uncompressed_page_size - first - second;
      const missing = Number(two.num_nulls);
      if (!(missing >= 0 && missing <= count)) throw new RangeError("its gaps are miscounted");
      if (unpackedSize === 0) continue;
      const page = two.is_compressed === false ? readerOf(values) : unpack(values, unpackedSize);
      checkValues(page, two.encoding, count);
    }
  }
}
