// What is done to one block after the other of an archive, on whatever thread.
import { writeBlock, writeBytes, writeLossyBlock } from "./blocks.ts";
import type { CellCodec } from "./cell-codec.ts";
import type { CodedBlock } from "./contents/content.ts";
import type { ArchiveHeader } from "./header.ts";
import type { CodedModel } from "./model-part.ts";
import { type BlockDecoder, blockDecoder, codecFor, type Piece, readerOf } from "./open.ts";

/** What all blocks of an archive are coded by. */
export interface CodingJob {
  header: ArchiveHeader;
  model: CodedModel | null;
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

/** Does tasks of one archive, on the thread that it is made on. */
export function blockWork({ header, model }: CodingJob): (task: BlockTask) => BlockResult {
  // Each is made when it is first asked for: networks take time and memory, and most jobs need one.
  let codec: CellCodec | undefined;
  let decode: BlockDecoder | undefined;
  return (task) => {
    if (task.type === "decode") {
      decode ??= blockDecoder(header, model);
      return decode(task.content);
    }
    const { first, block, original } = task;
    if (!model) return { content: writeBytes(first, original), squared: 0 };
    codec ??= codecFor(header, model);
    if (header.lossy) return writeLossyBlock(codec, first, block, readerOf(header), original);
    return { content: writeBlock(codec, first, block, original), squared: 0 };
  };
}
