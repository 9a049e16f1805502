// The header of NumPy's .npy format. Pickled objects are programs and are never run.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { ElboError } from "../../base/errors.ts";
import { elementBytes, elementTypes, machineBigEndian } from "./elements.ts";
import type { ArrayLayout } from "./stored-array.ts";

/** The longest header of a numeric array has about 100 bytes. */
const headerLimit = 1 << 16;

/** The magic string, the version and the header's length. */
export const preambleBytes = 12;

const latin1 = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

/** Whether a file's first bytes are .npy's magic string. */
export const isNpy = (first: Uint8Array) =>
  first[0] === 0x93 && latin1(first.subarray(1, 6)) === "NUMPY";

/** `source` names the file, or the array in a file. */
export function badNpy(source: string, message: string): ElboError {
  return new ElboError({
    code: "npy-invalid",
    message: `${source} is not a whole .npy file: ${message}`,
    hint: "write it again with numpy.save",
    where: { file: source },
  });
}

/** Where the header's text starts and how long it is, from the first `preambleBytes` bytes. */
export function headerPlace(first: Uint8Array, source: string): { start: number; length: number } {
  if (!isNpy(first)) throw badNpy(source, "it does not start with \\x93NUMPY");
  const version = first[6] ?? 0;
  const start = version === 1 ? 10 : 12;
  if (version < 1 || version > 3 || first.length < start) {
    throw badNpy(
      source,
      first.length < start
        ? "it ends within its header"
        : `its version is ${version}; 1 to 3 are known`,
    );
  }
  const view = new DataView(first.buffer, first.byteOffset, first.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > headerLimit) throw badNpy(source, `its header claims ${length} bytes`);
  return { start, length };
}

/** What an element is called that is no number: by NumPy's letter. */
const refusedKinds: Record<string, string> = {
  O: "pickled Python objects",
  c: "complex numbers",
  U: "text",
  S: "text",
  a: "text",
  M: "dates",
  m: "durations",
  V: "raw bytes",
};

/** Code `npy-pickled` for objects, `npy-dtype` for what else is no number. */
function refusedType(source: string, description: string): ElboError {
  const letter = /[A-Za-z]/.exec(description)?.[0] ?? "";
  const kind = Object.hasOwn(refusedKinds, letter) ? refusedKinds[letter] : undefined;
  const pickled = letter === "O";
  return new ElboError({
    code: pickled ? "npy-pickled" : "npy-dtype",
    message: `${source} holds ${kind ?? "elements"}${pickled ? "" : ` (type ${description.slice(0, 60)})`}; numbers and booleans are read`,
    hint: pickled
      ? "objects are programs and are not run; save numbers: array.astype('float32')"
      : "convert it in NumPy: array.astype('float32')",
    where: { file: source },
  });
}

/** Reads the header's text: `bytes` are its `length` bytes from `start` on. */
export function parseNpyHeader(bytes: Uint8Array, source: string): ArrayLayout {
  const text = latin1(bytes);
  if (/'descr'\s*:\s*\[/.test(text)) {
    if (/'\|?O\d*'/.test(text)) throw refusedType(source, "|O");
    throw refusedType(source, "record");
  }
  // Every step consumes a token of its own, so that no header takes long.
  const whole = /^\{\s*((?:'\w+'\s*:\s*(?:'[^']*'|True|False|\([\d,\s]*\))(?:\s*,)?\s*){3})\}\s*$/;
  const body = whole.exec(text)?.[1] ?? "";
  const description = /'descr'\s*:\s*('[^']*')/.exec(body)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(body)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(body)?.[1];
  if (description === undefined || order === undefined || sizes === undefined) {
    throw badNpy(source, "its header does not give descr, fortran_order and shape");
  }
  const match = /^'([<>|=])([a-z]\d)'$/.exec(description);
  if (match === null || !elementTypes.has(match[2]!)) throw refusedType(source, description);
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number);
  const element = match[2]!;
  const dataBytes = shape.reduce((product, size) => product * size, elementBytes(element));
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(dataBytes)) {
    throw badNpy(source, `its shape [${shape.slice(0, 8).join(", ")}] is absurd`);
  }
  const bigEndian = match[1] === ">" || (match[1] === "=" && machineBigEndian);
  return { element, bigEndian, columnMajor: order === "True", shape, dataBytes };
}

/** The error for an array that takes other bytes than are there. */
export const wrongSize = (layout: ArrayLayout, present: number, source: string) =>
  badNpy(
    source,
    `its shape [${layout.shape.slice(0, 8).join(", ")}] takes ${layout.dataBytes} bytes, and ${present} follow the header`,
  );
