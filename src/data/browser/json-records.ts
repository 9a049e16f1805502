// The records of JSON text, an array of objects or objects one after the other, a block of bytes at a
// time: where each begins and ends. What it holds, JSON.parse says.
import { concatenated } from "../bytes.ts";
import { damagedJson, notObjects, recordLimit } from "../tables/json-faults.ts";
import type { UnpackedFile } from "../unpacked.ts";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const [quote, backslash, comma, newline] = [0x22, 0x5c, 0x2c, 0x0a];

const recordsAtOnce = 4096;

const isSpace = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Where a scan stands between two bytes. */
class Scanner {
  readonly #path: string;
  /** `array`: objects between brackets; `sequence`: without; `done`: behind the closing bracket. */
  #form: "start" | "array" | "sequence" | "done" = "start";
  #records = 0;
  #line = 1;
  /** Of a record that is not at its end. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** A comma is due before the next record of an array, or a record after the comma. */
  #between: "record" | "comma" | "either" = "either";

  constructor(path: string) {
    this.#path = path;
  }

  /** The row that errors name: the line of a sequence, the number of an array's record. */
  #damaged(reason: string, cause?: unknown) {
    const row = this.#form === "array" ? this.#records + 1 : this.#line;
    const place = `, ${this.#form === "array" ? "record" : "line"} ${row}`;
    return damagedJson(this.#path, place, row, reason, cause);
  }

  #parse(bytes: Uint8Array): JsonObject {
    try {
      return JSON.parse(decoder.decode(bytes)) as JsonObject;
    } catch (cause) {
      throw this.#damaged((cause as Error).message, cause);
    }
  }

  /** A byte between records; true where a record begins with it. */
  #outside(byte: number): boolean {
    if (byte === newline) this.#line++;
    if (isSpace(byte)) return false;
    if (byte === openBracket && this.#form === "start") {
      this.#form = "array";
      return false;
    }
    if (this.#form === "array") {
      if (byte === comma && this.#between === "comma") {
        this.#between = "record";
        return false;
      }
      if (byte === closeBracket && this.#between !== "record") {
        this.#form = "done";
        return false;
      }
      if (byte === openBrace && this.#between !== "comma") return true;
      throw this.#damaged(this.#between === "comma" ? "a comma is missing" : notObjects);
    }
    if (this.#form === "start") this.#form = "sequence";
    if (this.#form === "sequence" && byte === openBrace) return true;
    throw this.#damaged(this.#form === "done" ? "text follows its end" : notObjects);
  }

  /** Where the record that `bytes` from `from` on belong to ends, or −1. */
  #recordEnd(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === newline) this.#line++;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) this.#inString = false;
      } else if (byte === quote) this.#inString = true;
      else if (byte === openBrace || byte === openBracket) this.#depth++;
      else if (byte === closeBrace || byte === closeBracket) {
        if (--this.#depth === 0) return at + 1;
      }
    }
    return -1;
  }

  /** The records that end in a block. */
  add(block: Uint8Array): JsonObject[] {
    const records: JsonObject[] = [];
    for (let at = 0; at < block.length; ) {
      if (this.#depth === 0 && !this.#outside(block[at]!)) {
        at++;
        continue;
      }
      const end = this.#recordEnd(block, at);
      const part = block.subarray(at, end < 0 ? block.length : end);
      this.#held += part.length;
      if (this.#held > recordLimit)
        throw this.#damaged(`a record is longer than ${recordLimit} bytes`);
      // The block may be used again.
      this.#pieces.push(end < 0 ? part.slice() : part);
      if (end < 0) break;
      records.push(this.#parse(concatenated(this.#pieces)));
      this.#pieces = [];
      this.#held = 0;
      this.#records++;
      this.#between = "comma";
      at = end;
    }
    return records;
  }

  end(): void {
    if (this.#depth > 0 || this.#form === "array") throw this.#damaged("it ends within a record");
  }
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}

/** The records of a file, some at a time. @throws ElboError `json-damaged` with the row. */
export async function* jsonRecords(file: UnpackedFile): AsyncGenerator<JsonObject[]> {
  const scanner = new Scanner(file.source);
  let first = true;
  for await (const block of file.blocks()) {
    const records = scanner.add(first ? withoutMark(block) : block);
    first = false;
    for (let from = 0; from < records.length; from += recordsAtOnce) {
      yield records.slice(from, from + recordsAtOnce);
    }
  }
  scanner.end();
}
