// An archive written: what its header says by a plan, and its sections in their order. In browsers too.
import { ElboError } from "../base/errors.ts";
import { packageVersion } from "../base/version.ts";
import { elementBytes } from "../data/arrays/elements.ts";
import { archiveStart, type Section, sectionBytes } from "./archive.ts";
import { programsHash } from "./arithmetic.ts";
import type { CodedBlock, CodedContent } from "./contents/content.ts";
import { type FileContent, fileContent } from "./contents/file.ts";
import { linesBlock } from "./contents/lines.ts";
import { type ArchiveHeader, headerBytes, parseHeader } from "./header.ts";
import { type CodedModel, modelBytes, modelHash } from "./model-part.ts";
import { concatenate, endBytes } from "./open.ts";
import { type Plan, type PlanOptions, planFor } from "./plan.ts";
import { type BlockTask, doHere, type Encoded } from "./work.ts";

/** @param name for messages: a file's, without its folder. */
export async function headerFor(
  name: string,
  { content }: CodedContent,
  { columns, model, fitted }: Plan,
): Promise<ArchiveHeader> {
  return {
    elbo: packageVersion(),
    name,
    content,
    columns,
    model: model && (await modelHash(model)),
    programs: model && (await programsHash(model, fitted)),
    ...fitted,
  };
}

/** A header as those who decode have it. */
export const asRead = (header: ArchiveHeader): ArchiveHeader => parseHeader(headerBytes(header));

/** The model's part of an archive; null where it has none. */
export const insideOf = ({ model, bits }: Plan): Uint8Array | null =>
  model && bits !== null ? modelBytes(model, bits) : null;

type Task = Extract<BlockTask, { type: "encode" }>;

/** Blocks as tasks, in order. @param onBlock told of each. */
export async function* encodeTasks(
  source: CodedContent,
  { rowsPerBlock }: Plan,
  onBlock: (block: CodedBlock) => void,
): AsyncGenerator<Task> {
  let first = 0;
  for await (const coded of source.blocks(rowsPerBlock)) {
    onBlock(coded);
    yield { type: "encode", first, ...coded };
    first += coded.block.rows;
  }
}

/** @param rows of all blocks: asked for when they have been written. */
export async function* archiveParts(
  header: ArchiveHeader,
  inside: Uint8Array | null,
  blocks: AsyncIterable<Encoded>,
  rows: () => number,
): AsyncGenerator<Uint8Array> {
  yield archiveStart();
  let index = 0;
  const section = (kind: Section["kind"], content: Uint8Array) =>
    sectionBytes({ kind, index: index++, content });
  yield section("header", headerBytes(header));
  if (inside) yield section("model", inside);
  let count = 0;
  for await (const { content } of blocks) {
    count++;
    yield section("block", content);
  }
  yield section("end", endBytes(count, rows()));
}

/** Whether a file can be what it is said to be. */
function check(bytes: Uint8Array, file: FileContent, model: CodedModel | null): void {
  const refuse = (rule: string, received: string, hint: string) =>
    new ElboError({
      code: "compress-content",
      message: `${rule}, received ${received}`,
      hint,
      kind: "usage",
    });
  if (file.kind !== "bytes" && !model) {
    throw refuse(
      "a file other than bytes is coded by a model",
      `${file.kind} and none`,
      'Give a model, or { kind: "bytes" }.',
    );
  }
  if (file.kind === "array") {
    const width = elementBytes(file.element) * file.size;
    if (!(file.head >= 0 && width > 0 && (bytes.length - file.head) % width === 0)) {
      throw refuse(
        `an array holds whole rows of ${width} bytes behind its head`,
        `${bytes.length} bytes and a head of ${file.head}`,
        "Give the head's bytes and the elements of a row.",
      );
    }
  }
  if (file.kind === "lines" && !linesBlock(bytes)) {
    throw refuse("lines are UTF-8", "other bytes", 'Give { kind: "bytes" }.');
  }
}

/**
 * A file in memory as an archive, without threads: the same bytes as `compressTo` writes with any number of
 * them. In browsers too.
 * @param name for messages.
 * @throws ElboError `compress-content` where the file is not what it is said to be, or no model is given;
 * `compress-likelihood`, `compress-verify`.
 */
export async function compressBytes(
  bytes: Uint8Array,
  file: FileContent,
  model: CodedModel | null = null,
  { name = "", verify = false, ...options }: PlanOptions & { name?: string } = {},
): Promise<Uint8Array> {
  check(bytes, file, model);
  const source = fileContent(bytes, file);
  const plan = await planFor(model, source, options, doHere);
  const header = await headerFor(name, source, plan);
  let rows = 0;
  const tasks = encodeTasks(source, plan, ({ block }) => {
    rows += block.rows;
  });
  const blocks = doHere<Encoded>({ header: asRead(header), model: plan.model, verify }, tasks);
  const parts: Uint8Array[] = [];
  for await (const part of archiveParts(header, insideOf(plan), blocks, () => rows)) {
    parts.push(part);
  }
  return concatenate(parts);
}
