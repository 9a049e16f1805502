// Files of which most tests of archives make do: people as a table, blots as pictures.

const spread = Array.from({ length: 3000 }, (_, i) => (i * 0.618) % 1);

/** A table of ids, numbers, gaps, quotes, truth values, dates and texts, its lines ended as by Windows. */
export const people = [
  "id,age, town ,income,remote,joined,note",
  ...spread.map((u, i) => {
    const town = u > 0.5 ? '"Bern"' : "Basel";
    const income = i % 7 === 3 ? "" : (1000 + 900 * u + (i % 5)).toFixed(i % 11 === 0 ? 1 : 2);
    const day = new Date(Date.UTC(2020, 0, 1 + Math.floor(900 * u))).toISOString().slice(0, 10);
    return `p${i},${Math.round(20 + 50 * u)}, ${i % 9 === 4 ? "NA" : town} ,${income},${u > 0.3},${day},"a ""note"", ${i % 13}"`;
  }),
].join("\r\n");

/** An IDX file of 12 × 10 grey pictures: blots that lie anywhere. */
export function pictures(count: number): Uint8Array {
  const head = [0, 0, 8, 3, 0, 0, count >> 8, count & 255, 0, 0, 0, 12, 0, 0, 0, 10];
  const file = new Uint8Array(head.length + 120 * count);
  file.set(head);
  for (let i = 0; i < count; i++) {
    const [y, x] = [(i * 0.618 * 12) % 12, (i * 0.414 * 10) % 10];
    for (let p = 0; p < 120; p++) {
      const far = (Math.floor(p / 10) - y) ** 2 + ((p % 10) - x) ** 2;
      file[head.length + 120 * i + p] = Math.round(255 * Math.exp(-far / 6));
    }
  }
  return file;
}
