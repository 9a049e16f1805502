// What the first bytes of an image file say of it, where a decoder does not tell.
// PNG: https://www.w3.org/TR/png-3/ (11.2.1, 11.3.2.3); JPEG: ITU-T T.81, annex B.

export interface ImageHeader {
  /** One channel of brightness, with or without transparency. */
  grey: boolean;
  /** It says which colours its numbers mean. */
  profile: boolean;
  /** 0 where the format is another than PNG and JPEG. */
  pixels: number;
}

const nothing: ImageHeader = { grey: false, profile: false, pixels: 0 };

const textAt = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

function pngHeader(bytes: Uint8Array, fields: DataView): ImageHeader {
  const [width, height] = [fields.getUint32(16), fields.getUint32(20)];
  const grey = bytes[25] === 0 || bytes[25] === 4;
  let profile = false;
  for (let at = 8; at + 8 <= bytes.length; ) {
    const kind = textAt(bytes, at + 4, 4);
    if (kind === "iCCP") profile = true;
    if (kind === "IDAT") break;
    at += 12 + fields.getUint32(at);
  }
  return { grey, profile, pixels: width * height };
}

function jpegHeader(bytes: Uint8Array, fields: DataView): ImageHeader {
  let profile = false;
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xe2 && textAt(bytes, at + 4, 11) === "ICC_PROFILE") profile = true;
    // Frames, of which 0xc4, 0xc8 and 0xcc are none.
    if (marker >= 0xc0 && marker <= 0xcf && (marker & 3) !== 0 ? true : marker === 0xc0) {
      const pixels = fields.getUint16(at + 5) * fields.getUint16(at + 7);
      return { grey: bytes[at + 9] === 1, profile, pixels };
    }
    at += 2 + fields.getUint16(at + 2);
  }
  return { ...nothing, profile };
}

export function imageHeader(bytes: Uint8Array): ImageHeader {
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > 33 && textAt(bytes, 1, 3) === "PNG") return pngHeader(bytes, fields);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegHeader(bytes, fields);
  const profile = textAt(bytes, 8, 8) === "WEBPVP8X" && ((bytes[20] ?? 0) & 0x20) !== 0;
  return { ...nothing, profile };
}
