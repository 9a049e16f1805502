// What Parquet's headers and footers are written in: Thrift's compact protocol, as much as they need.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

/** A value with its type's number, and how its bytes are put. */
export interface ThriftValue {
  type: number;
  put(bytes: number[]): void;
}

function putVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
}

/** Counts and offsets: whole numbers of at least 0, below 2⁵², in Thrift's zigzag. */
const whole =
  (type: number) =>
  (value: number): ThriftValue => ({
    type,
    put: (bytes) => putVarint(bytes, 2 * value),
  });
export const i32 = whole(5);
export const i64 = whole(6);

export function binary(value: Uint8Array | string): ThriftValue {
  const own = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return {
    type: 8,
    put(bytes) {
      putVarint(bytes, own.length);
      for (const byte of own) bytes.push(byte);
    },
  };
}

/** As a field of a struct, where its type is its value. */
export const boolean = (value: boolean): ThriftValue => ({ type: value ? 1 : 2, put() {} });

export function list(items: readonly ThriftValue[]): ThriftValue {
  const type = items[0]?.type ?? 12;
  return {
    type: 9,
    put(bytes) {
      if (items.length < 15) bytes.push((items.length << 4) | type);
      else {
        bytes.push(0xf0 | type);
        putVarint(bytes, items.length);
      }
      for (const item of items) item.put(bytes);
    },
  };
}

/** @param fields by their numbers, ascending; those left undefined are absent. */
export function struct(fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue {
  return {
    type: 12,
    put(bytes) {
      let last = 0;
      for (const [key, value] of Object.entries(fields)) {
        if (value === undefined) continue;
        const id = Number(key);
        // No struct of Parquet's leaves out fifteen fields in a row, which would take a longer form.
        bytes.push(((id - last) << 4) | value.type);
        value.put(bytes);
        last = id;
      }
      bytes.push(0);
    },
  };
}

export function thriftBytes(value: ThriftValue): Uint8Array {
  const bytes: number[] = [];
  value.put(bytes);
  return Uint8Array.from(bytes);
}

/** A varint on its own, as runs of values have. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  putVarint(bytes, value);
  return bytes;
}
