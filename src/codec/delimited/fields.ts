// Numbers, strings and bytes one behind the other, for what is kept of a table; and the refusal of
// what was not written so.
import { ElboError } from "../../base/errors.ts";
import { readVariable, variable } from "../side/variable.ts";
import { ByteRow } from "./byte-row.ts";

export function damagedParts(reason: string): ElboError {
  return new ElboError({
    code: "delimited-damaged",
    message: `The parts of a table give it back whole; these do not: ${reason}`,
    hint: "the file is damaged or was cut short; take another copy of it",
  });
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class FieldWriter {
  readonly #row = new ByteRow();

  number(value: number): void {
    this.#row.put(variable(value));
  }

  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.#row.put(bytes);
  }

  text(text: string): void {
    this.bytes(encoder.encode(text));
  }

  finish(): Uint8Array {
    return this.#row.finish();
  }
}

export class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A whole number, at most `most`. */
  number(most: number): number {
    const found = readVariable(this.#bytes, this.#at);
    if (found === undefined || found.value > most)
      throw damagedParts("a number is none or too large");
    this.#at = found.next;
    return found.value;
  }

  /** A place in a list. */
  choice<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.number(choices.length - 1)]!;
  }

  bytes(): Uint8Array {
    const length = this.number(this.#bytes.length - this.#at);
    if (this.#at + length > this.#bytes.length) throw damagedParts("they end too early");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    try {
      return decoder.decode(this.bytes());
    } catch {
      throw damagedParts("a text is not UTF-8");
    }
  }

  /** @throws ElboError unless all was read. */
  end(): void {
    if (this.#at < this.#bytes.length) throw damagedParts("something stands behind them");
  }
}
