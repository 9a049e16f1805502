// Some rows of a source as a source: what a model trains on, and what is kept back.

/** The rows of a source whose number passes `keeps`. */
export function someRows(source, keeps) {
  let rows = 0;
  for (let row = 0; row < source.rows; row++) if (keeps(row)) rows++;
  const chosen = (column, kept, width) => {
    const part = new column.constructor(kept.length * width);
    for (const [i, row] of kept.entries()) {
      part.set(column.subarray(row * width, (row + 1) * width), i * width);
    }
    return part;
  };
  function pick(column, kept, count) {
    if (column.type === "text") return { ...column, values: kept.map((row) => column.values[row]) };
    if (column.type !== "sparse") {
      return { ...column, values: chosen(column.values, kept, column.values.length / count) };
    }
    const offsets = new Int32Array(kept.length + 1);
    const [indices, entries] = [[], []];
    for (const [i, row] of kept.entries()) {
      for (let k = column.offsets[row]; k < column.offsets[row + 1]; k++) {
        indices.push(column.indices[k]);
        entries.push(column.values[k]);
      }
      offsets[i + 1] = indices.length;
    }
    const [places, numbers] = [Int32Array.from(indices), Float32Array.from(entries)];
    return { type: "sparse", offsets, indices: places, values: numbers };
  }
  return {
    ...source,
    rows,
    async *chunks(names) {
      let first = 0;
      for await (const { rows: count, columns } of source.chunks(names)) {
        const kept = [];
        for (let row = 0; row < count; row++) if (keeps(first + row)) kept.push(row);
        first += count;
        if (kept.length === 0) continue;
        yield { rows: kept.length, columns: columns.map((column) => pick(column, kept, count)) };
      }
    },
  };
}
