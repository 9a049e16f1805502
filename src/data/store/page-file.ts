// A file of pages: written from the start to the end, read back page by page, or as windows of
// several pages that become one block of rows.
import { type FileHandle, open, rm } from "node:fs/promises";
import { ElboError } from "../../base/errors.ts";
import { fileError, systemCode } from "../../base/file-errors.ts";
import type { PackedRows, PackedValues } from "../../fields/pack.ts";
import { Gatherer, numbersOf } from "./gather.ts";
import { type Block, type FileRows, type Page, type PagedGroup, pageLayout } from "./stored.ts";

type Numbers = Float32Array | Int32Array | Uint8Array;

const bytesOf = ({ buffer, byteOffset, byteLength }: Numbers) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function writeError(cause: unknown, path: string, written: number): unknown {
  if (systemCode(cause) !== "ENOSPC" && systemCode(cause) !== "EDQUOT") {
    return fileError(cause, path);
  }
  return new ElboError({
    code: "disk-full",
    message: `the rows do not fit in the memory allowed, and the disk is full: ${path} holds ${written} bytes and needs more`,
    hint: "free some space, put the run on another disk, or allow more memory",
    where: { file: path },
    cause,
  });
}

export class PageWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #groups: readonly PagedGroup[];
  readonly #weights: boolean;
  readonly #gatherer: Gatherer;
  readonly #pages: Page[] = [];
  #offset = 0;
  #rows = 0;
  #buffer = new Uint8Array(0);

  private constructor(
    path: string,
    handle: FileHandle,
    groups: readonly PagedGroup[],
    weights: boolean,
    pageRows: number,
  ) {
    this.#path = path;
    this.#handle = handle;
    this.#groups = groups;
    this.#weights = weights;
    this.#gatherer = new Gatherer(groups, weights, pageRows, false);
  }

  static async open(
    path: string,
    groups: readonly PagedGroup[],
    weights: boolean,
    pageRows: number,
  ): Promise<PageWriter> {
    try {
      return new PageWriter(path, await open(path, "w"), groups, weights, pageRows);
    } catch (cause) {
      throw fileError(cause, path);
    }
  }

  /** Adds rows `from` to `to − 1`; a promise only where a page became full. */
  add(packed: PackedRows, from: number, to: number): void | Promise<void> {
    const gatherer = this.#gatherer;
    if (gatherer.rows + to - from >= gatherer.capacity) return this.#addLong(packed, from, to);
    gatherer.add(packed, from, to);
  }

  async #addLong(packed: PackedRows, start: number, end: number): Promise<void> {
    const gatherer = this.#gatherer;
    for (let from = start; from < end; ) {
      const to = Math.min(end, from + gatherer.capacity - gatherer.rows);
      gatherer.add(packed, from, to);
      if (gatherer.rows === gatherer.capacity) await this.#flush();
      from = to;
    }
  }

  async #flush(): Promise<void> {
    const { entries } = this.#gatherer;
    const packed = this.#gatherer.take();
    const page: Page = { rows: packed.rows, offset: this.#offset, entries };
    const layout = pageLayout({ groups: this.#groups, weights: this.#weights }, page);
    if (this.#buffer.length < layout.bytes) this.#buffer = new Uint8Array(layout.bytes);
    const put = ({ offset }: Block, values: Numbers) => this.#buffer.set(bytesOf(values), offset);
    for (const { group, blocks } of layout.groups) {
      const values = packed.groups.get(group.name)!;
      if (values.type === "dense") put(blocks[0]!, values.values);
      else {
        put(blocks[0]!, values.offsets);
        put(blocks[1]!, values.indices);
        put(blocks[2]!, values.values);
      }
    }
    if (layout.weights) put(layout.weights, packed.weights!);
    try {
      await this.#handle.writeFile(this.#buffer.subarray(0, layout.bytes));
    } catch (cause) {
      throw writeError(cause, this.#path, this.#offset);
    }
    this.#pages.push(page);
    this.#offset += layout.bytes;
    this.#rows += page.rows;
  }

  async finish(): Promise<FileRows> {
    if (this.#gatherer.rows > 0) await this.#flush();
    await this.#handle.close();
    return {
      rows: this.#rows,
      in: "file",
      path: this.#path,
      pageRows: this.#gatherer.capacity,
      pages: this.#pages,
      groups: this.#groups,
      weights: this.#weights,
    };
  }

  /** Closes and removes the file. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path, { force: true });
  }
}

async function readInto(
  handle: FileHandle,
  values: Numbers,
  position: number,
  path: string,
): Promise<void> {
  const bytes = bytesOf(values);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) {
      throw new ElboError({
        code: "file-shortened",
        message: `${path}, where the packed rows are, became shorter while it was read`,
        hint: "leave the file alone until training ends, and train again",
        where: { file: path },
      });
    }
    done += bytesRead;
  }
}

/** The rows of some pages, in the order given, as one block. */
async function readPages(
  handle: FileHandle,
  stored: FileRows,
  pages: readonly Page[],
): Promise<PackedRows> {
  const rows = pages.reduce((sum, page) => sum + page.rows, 0);
  const layouts = pages.map((page) => pageLayout(stored, page));
  const { path } = stored;
  const groups = new Map<string, PackedValues>();
  /** Block `b` of group `g` of every page, one after the other. */
  const concatenate = async (target: Numbers, blockOf: (page: number) => Block) => {
    let at = 0;
    for (const [i, page] of pages.entries()) {
      const { offset, length } = blockOf(i);
      await readInto(handle, target.subarray(at, at + length), page.offset + offset, path);
      at += length;
    }
  };
  for (const [g, { name, dtype, elements, sparse }] of stored.groups.entries()) {
    const blockOf = (b: number) => (page: number) => layouts[page]!.groups[g]!.blocks[b]!;
    if (!sparse) {
      const values = numbersOf(dtype, rows * elements, false);
      await concatenate(values, blockOf(0));
      groups.set(name, { type: "dense", values });
      continue;
    }
    const kept = pages.reduce((sum, _, page) => sum + blockOf(1)(page).length, 0);
    const indices = numbersOf("int32", kept, false) as Int32Array;
    const values = numbersOf("float32", kept, false) as Float32Array;
    await concatenate(indices, blockOf(1));
    await concatenate(values, blockOf(2));
    const offsets = new Int32Array(rows + 1);
    let [row, entry] = [0, 0];
    for (const [i, page] of pages.entries()) {
      const own = new Int32Array(page.rows + 1);
      await readInto(handle, own, page.offset + blockOf(0)(i).offset, path);
      for (let r = 1; r <= page.rows; r++) offsets[++row] = own[r]! + entry;
      entry += own[page.rows]!;
    }
    groups.set(name, { type: "sparse", offsets, indices, values });
  }
  let weights: Float32Array | null = null;
  if (stored.weights) {
    weights = numbersOf("float32", rows, false) as Float32Array;
    await concatenate(weights, (page) => layouts[page]!.weights!);
  }
  return { rows, groups, weights };
}

export class PageReader {
  readonly #stored: FileRows;
  readonly #handle: FileHandle;

  private constructor(stored: FileRows, handle: FileHandle) {
    this.#stored = stored;
    this.#handle = handle;
  }

  static async open(stored: FileRows): Promise<PageReader> {
    try {
      return new PageReader(stored, await open(stored.path, "r"));
    } catch (cause) {
      throw fileError(cause, stored.path);
    }
  }

  /** The rows of the pages with these numbers, in this order. */
  async read(pages: ArrayLike<number>): Promise<PackedRows> {
    const { pages: all, path } = this.#stored;
    try {
      const chosen = Array.from(pages, (page) => all[page]!);
      return await readPages(this.#handle, this.#stored, chosen);
    } catch (cause) {
      throw fileError(cause, path);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
