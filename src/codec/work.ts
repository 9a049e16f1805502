// What is done to one part after the other of what is coded, on whatever thread.
import { ElboError } from "../base/errors.ts";
import { readBlock, readBytes, writeBlock, writeBytes, writeLossyBlock } from "./blocks.ts";
import type { CellCodec } from "./cell-codec.ts";
import type { CodedBlock } from "./contents/content.ts";
import type { ArchiveHeader } from "./header.ts";
import type { CodedModel } from "./model-part.ts";
import { type BlockDecoder, blockDecoder, codecFor, type Piece, readerOf } from "./open.ts";
import {
  type Described,
  type DescribeTask,
  type DescribingJob,
  describeWork,
} from "./warp/describe.ts";

/** What all blocks of an archive are coded by. */
export interface CodingJob {
  header: ArchiveHeader;
  model: CodedModel | null;
  /** Whether each block is decoded when it is written, and is what it was made of. */
  verify?: boolean;
}

export type BlockTask =
  | ({ type: "encode"; first: number } & CodedBlock)
  | { type: "decode"; content: Uint8Array };

/** An archive's block, and the squared error of what it decodes to. */
export interface Encoded {
  content: Uint8Array;
  squared: number;
}
export type BlockResult = Encoded | Piece;

/** What all tasks of one kind go by. */
export type Job = CodingJob | DescribingJob;
export type Task = BlockTask | DescribeTask;
export type Result = BlockResult | Described;

/** Does tasks of one job, on the thread that it is made on. */
export function workOf(job: Job): (task: Task) => Result {
  const work = "header" in job ? blockWork(job) : describeWork(job);
  return work as (task: Task) => Result;
}

/** Does the tasks of a job, on threads or not, and gives what is made of each in their order. */
export type DoAll = <R extends Result>(
  job: Job,
  tasks: AsyncIterable<Task> | Iterable<Task>,
) => AsyncIterable<R>;

/** Does them on this thread. */
export const doHere: DoAll = async function* <R extends Result>(
  job: Job,
  tasks: AsyncIterable<Task> | Iterable<Task>,
) {
  const work = workOf(job);
  for await (const task of tasks) yield work(task) as R;
};

/** Does what is to be done to the blocks of one archive. */
export function blockWork({ header, model, verify }: CodingJob): (task: BlockTask) => BlockResult {
  // Each is made when it is first asked for: networks take time and memory, and most jobs need one.
  let codec: CellCodec | undefined;
  let decode: BlockDecoder | undefined;
  return (task) => {
    if (task.type === "decode") {
      decode ??= blockDecoder(header, model);
      return decode(task.content);
    }
    const { first, block, original } = task;
    if (!model) {
      const content = writeBytes(first, original);
      if (verify) verified(first, () => readBytes(content));
      return { content, squared: 0 };
    }
    codec ??= codecFor(header, model);
    const reader = readerOf(header);
    if (header.lossy) return writeLossyBlock(codec, first, block, reader, original);
    const content = writeBlock(codec, first, block, original);
    const coder = codec;
    if (verify) verified(first, () => readBlock(coder, reader, content));
    return { content, squared: 0 };
  };
}

/** Decodes a block that was just written: who has the archive alone has all of it, or there is none. */
function verified(first: number, decode: () => unknown): void {
  try {
    decode();
  } catch (cause) {
    throw new ElboError({
      code: "compress-verify",
      message: `an archive decodes to what it was made of, and the block from ${first + 1} on does not: ${cause instanceof Error ? cause.message : String(cause)}. Nothing was written`,
      hint: "Report this bug, with the data if you can. xz or zstd keep the file meanwhile.",
      cause,
    });
  }
}
