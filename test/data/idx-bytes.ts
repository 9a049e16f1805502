// IDX files made for tests.

/** An IDX file of this type, these sizes and these bytes of data (big-endian). */
export function idxBytes(type: number, shape: readonly number[], data: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head[2] = type;
  head[3] = shape.length;
  shape.forEach((size, i) => {
    head.writeUInt32BE(size, 4 + 4 * i);
  });
  return Buffer.concat([head, data]);
}
