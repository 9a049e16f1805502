// ISO 8601 dates and timestamps in text, read from its bytes.

const two = (bytes: Uint8Array, at: number): number => {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
};

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 in the Gregorian calendar; NaN where there is no such day. */
export function days(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 && leap ? 29 : monthDays[month - 1];
  if (length === undefined || !(day >= 1 && day <= length)) return Number.NaN;
  // Years that begin in March put the leap day last.
  const shifted = month <= 2 ? year - 1 : year;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leaps = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return shifted * 365 + leaps + ofYear - 719_468;
}

/** Minutes east of UTC of `Z`, `+02`, `+0230` or `+02:30`; 0 for nothing, NaN for anything else. */
function offset(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  const sign = bytes[start]!;
  if ((sign === 0x5a || sign === 0x7a) && end === start + 1) return 0;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  const hours = end >= start + 3 ? two(bytes, start + 1) : Number.NaN;
  const at = bytes[start + 3] === 0x3a ? start + 4 : start + 3;
  const minutes = end === start + 3 ? 0 : end === at + 2 ? two(bytes, at) : Number.NaN;
  if (!(hours <= 18 && minutes <= 59)) return Number.NaN;
  return (sign === 0x2d ? -1 : 1) * (hours * 60 + minutes);
}

/** Whether the bytes are as long as a date alone. */
export const isDate = (start: number, end: number) => end - start === 10;

/** Equal for times that are written in one form: of one length, with the same separators and offset. */
export function isoForm(bytes: Uint8Array, start: number, end: number): number {
  let form = (end - start) * 256 + (bytes[start + 10] ?? 0);
  // From seconds on, what is no digit: the point, Z, an offset as a whole.
  let offset = false;
  for (let i = start + 16; i < end; i++) {
    const byte = bytes[i]!;
    offset ||= byte === 0x2b || byte === 0x2d;
    const digit = byte >= 0x30 && byte <= 0x39;
    form = (Math.imul(form, 31) + (digit && !offset ? 0x30 : byte)) & 0x3fffffff;
  }
  return form;
}

/**
 * Milliseconds since 1970-01-01T00:00Z of `2013-07-04`, `2013-07-04 10:00`, with T for the space,
 * seconds, a fraction, Z or an offset (UTC without one); NaN where the bytes are no such time.
 */
export function readTime(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 10 || bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return Number.NaN;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const midnight = days(year, two(bytes, start + 5), two(bytes, start + 8)) * 86_400_000;
  let i = start + 10;
  if (i === end) return midnight;
  if (bytes[i] !== 0x20 && bytes[i] !== 0x54 && bytes[i] !== 0x74) return Number.NaN;
  if (end - i < 6 || bytes[i + 3] !== 0x3a) return Number.NaN;
  const hours = two(bytes, i + 1);
  const minutes = two(bytes, i + 4);
  let seconds = 0;
  let milliseconds = 0;
  i += 6;
  if (i < end && bytes[i] === 0x3a) {
    if (end - i < 3) return Number.NaN;
    seconds = two(bytes, i + 1);
    i += 3;
    if (i < end && bytes[i] === 0x2e) {
      const first = ++i;
      let unit = 1000;
      for (; i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39; i++) {
        milliseconds = milliseconds * 10 + (bytes[i]! - 0x30);
        unit /= 10;
      }
      if (i === first) return Number.NaN;
      milliseconds *= unit;
    }
  }
  if (i < end && bytes[i] === 0x20) i++;
  const east = offset(bytes, i, end);
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return Number.NaN;
  return midnight + ((hours * 60 + minutes - east) * 60 + seconds) * 1000 + milliseconds;
}

const encoder = new TextEncoder();
const longest = 40;

/** The same of a text. */
export function readTimeText(text: string): number {
  if (text.length > longest) return Number.NaN;
  const bytes = encoder.encode(text);
  return readTime(bytes, 0, bytes.length);
}
