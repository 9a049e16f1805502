// The figures that have been computed, by table and row.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const path = "docs/results/figures.json";

export const readFigures = () => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {});

export function saveFigures(figures) {
  writeFileSync(path, `${JSON.stringify(figures, null, 2)}\n`);
}
