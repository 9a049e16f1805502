// What the models reach on real data, beside PyTorch twins: `npm run results [-- NAME ...]` computes
// the rows that docs/results/figures.json does not hold yet (or those named, anew), and writes
// docs/results.md of all. ELBO_DATA says where the data is (default ../shared/data); ELBO_PYTHON
// names a Python with PyTorch and scikit-learn, without which twins and probes are left out.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFigures, saveFigures } from "./results/figures.mjs";
import { writePage } from "./results/page.mjs";
import { tables } from "./results/tables.mjs";

const named = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "elbo-results-"));
mkdirSync("docs/results", { recursive: true });
const figures = readFigures();
try {
  for (const { name: table, rows } of tables) {
    for (const { name, compute } of rows) {
      const key = `${table}/${name}`;
      const wanted =
        named.length > 0 ? named.includes(key) || named.includes(table) : !figures[key];
      if (!wanted) continue;
      const begin = performance.now();
      const values = await compute(folder);
      if (values === null) {
        console.error(`${key}: left out, it needs what is not here`);
        continue;
      }
      figures[key] = { ...values, wall: Math.round((performance.now() - begin) / 1000) };
      saveFigures(figures);
      console.error(`${key}: ${JSON.stringify(figures[key])}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
writePage(tables, figures);
