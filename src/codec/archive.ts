// The archive: one file of sections, each with its length and checksums of itself and of what it holds, so
// that blocks are found again behind a damaged one. What they hold is said elsewhere.
//
//   "ELBZ", the format's number as one byte, then sections:
//   "\xE1bo" and a kind (1 byte), its index and length (4 bytes each, little-endian), CRC-32 of those, CRC-32
//   of the content, the content.
import { crc32 } from "../base/crc32.ts";
import { ElboError } from "../base/errors.ts";
import { plainBytes } from "./bytes.ts";

export const ARCHIVE_FORMAT = 2;

const MAGIC = Uint8Array.of(0x45, 0x4c, 0x42, 0x5a);
const MARK = Uint8Array.of(0xe1, 0x62, 0x6f);
const HEAD = MARK.length + 1 + 4 * 4;

export const kinds = { header: 1, model: 2, block: 3, end: 4 } as const;
export type SectionKind = keyof typeof kinds;
const names = Object.keys(kinds) as SectionKind[];

export interface Section {
  kind: SectionKind;
  index: number;
  content: Uint8Array;
}

/** What an archive begins with. */
export const archiveStart = (): Uint8Array => Uint8Array.of(...MAGIC, ARCHIVE_FORMAT);

export const isArchive = (bytes: Uint8Array): boolean =>
  MAGIC.every((byte, i) => bytes[i] === byte);

export function sectionBytes({ kind, index, content }: Section): Uint8Array {
  const bytes = new Uint8Array(HEAD + content.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MARK);
  bytes[3] = kinds[kind];
  view.setUint32(4, index, true);
  view.setUint32(8, content.length, true);
  view.setUint32(12, crc32(bytes.subarray(0, 12)), true);
  view.setUint32(16, crc32(content), true);
  bytes.set(content, HEAD);
  return bytes;
}

/** The section at a place; null where none begins or its head is damaged. */
function sectionAt(bytes: Uint8Array, at: number) {
  if (bytes.length - at < HEAD || !MARK.every((byte, i) => bytes[at + i] === byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD);
  if (crc32(bytes.subarray(at, at + 12)) !== view.getUint32(12, true)) return null;
  const kind = names.find((name) => kinds[name] === bytes[at + 3]);
  const length = view.getUint32(8, true);
  if (!kind) return null;
  const content = bytes.subarray(at + HEAD, at + HEAD + length);
  const whole = content.length === length && crc32(content) === view.getUint32(16, true);
  return { kind, index: view.getUint32(4, true), content, whole, next: at + HEAD + length };
}

/**
 * The sections that are whole, in order, and whether that is all there is.
 * @throws ElboError `archive-unknown`, `archive-newer`.
 */
export function readSections(given: Uint8Array): { sections: Section[]; whole: boolean } {
  const bytes = plainBytes(given);
  if (!isArchive(bytes)) {
    throw new ElboError({
      code: "archive-unknown",
      message:
        bytes.length === 0
          ? "the file is empty, and no archive"
          : "the file is no archive of elbo: it does not begin with ELBZ",
      hint: "Give a file that elbo compress wrote.",
    });
  }
  const format = bytes[MAGIC.length] ?? 0;
  if (format > ARCHIVE_FORMAT) throw newer(`its format is ${format}`);
  const sections: Section[] = [];
  let whole = format === ARCHIVE_FORMAT;
  for (let at = MAGIC.length + 1; at < bytes.length; ) {
    const section = sectionAt(bytes, at);
    if (section?.whole) {
      const { kind, index, content } = section;
      sections.push({ kind, index, content });
      at = section.next;
      continue;
    }
    whole = false;
    // A damaged head says no length: the next one is looked for byte by byte.
    at = section && section.next <= bytes.length ? section.next : at + 1;
    while (at < bytes.length && !sectionAt(bytes, at)) at++;
  }
  return { sections, whole: whole && sections.at(-1)?.kind === "end" };
}

export function newer(what: string): ElboError {
  return new ElboError({
    code: "archive-newer",
    message: `the archive was written by a newer elbo: ${what}`,
    hint: "Update elbo (npm install -g elbojs), then decompress it.",
  });
}
