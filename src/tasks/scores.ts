// How right predictions of targets were, where the data has the targets.
import type { ColumnValues } from "../fields/columns.ts";

export interface TargetScore {
  name: string;
  /** Rows with a value of the target. */
  rows: number;
  /** Of classes: the share that was predicted; null of numbers. */
  accuracy: number | null;
  /** Of numbers in their own units, of moments in days; null of classes. */
  rmse: number | null;
  /** The share of rows whose value lies in its interval; null without intervals. */
  covered: number | null;
}

interface Sums {
  classes: readonly string[] | null;
  rows: number;
  right: number;
  squares: number;
  covered: number | null;
}

export class Scores {
  readonly #sums: ReadonlyMap<string, Sums>;

  constructor(targets: readonly { name: string; classes: readonly string[] | null }[]) {
    this.#sums = new Map(
      targets.map(({ name, classes }) => [
        name,
        { classes, rows: 0, right: 0, squares: 0, covered: null },
      ]),
    );
  }

  /** @param told what is predicted; of numbers with the ends of their intervals behind. */
  add(name: string, truth: ColumnValues, told: readonly ColumnValues[]): void {
    const sums = this.#sums.get(name)!;
    const [predicted, low, high] = told.map(({ values }) => values);
    for (let row = 0; row < truth.values.length; row++) {
      const value = truth.values[row]!;
      if (value === null || Number.isNaN(value)) continue;
      sums.rows++;
      if (sums.classes) {
        // A column of numerals may be read as texts, and one of texts as numbers.
        sums.right += +(String(value) === String(predicted![row]));
        continue;
      }
      const number = Number(value);
      const unit = truth.type === "time" ? 86_400_000 : 1;
      sums.squares += ((number - (predicted![row] as number)) / unit) ** 2;
      if (!low || !high) continue;
      const inside = number >= (low[row] as number) && number <= (high[row] as number);
      sums.covered = (sums.covered ?? 0) + +inside;
    }
  }

  /** Of the targets with values. */
  all(): TargetScore[] {
    return [...this.#sums].flatMap(([name, sums]): TargetScore[] => {
      const { classes, rows, right, squares, covered } = sums;
      if (rows === 0) return [];
      const score = { name, rows, covered: covered === null ? null : covered / rows };
      return classes
        ? [{ ...score, accuracy: right / rows, rmse: null }]
        : [{ ...score, accuracy: null, rmse: Math.sqrt(squares / rows) }];
    });
  }
}
