// How strange each row of data is: scores, p-values, alarms and their reasons, in memory or in a file.
import type { DataSource } from "../../data/source.ts";
import { refuseOutput } from "../../data/write/output.ts";
import { type Run, runOf, sourceFor } from "../run.ts";
import { freeName, type OutputTable, outputColumns, outputValues, writeOutput } from "../table.ts";
import { type DetectOptions, type Judged, type JudgedAll, type Judgement, judge } from "./judge.ts";

export interface Detection extends JudgedAll {
  /** Of each row; higher is stranger. */
  scores: Float64Array;
  /** Nats; null of a method without a density. */
  negElbo: Float64Array | null;
  pValues: Float64Array;
  /** 1 where a row raises an alarm. */
  alarm: Uint8Array;
  /**
   * Names of the data fields and the nats that each costs, `(rows, fields)`, which sum to `negElbo` less
   * its KL; null unless asked for.
   */
  because: { fields: readonly string[]; nats: Float64Array } | null;
  /** Which value of its strangest field would silence a row's alarm; null unless asked for. */
  repairs: (string | null)[] | null;
}

async function whole<Part>(parts: AsyncGenerator<Part, JudgedAll>): Promise<[Part[], JudgedAll]> {
  const all: Part[] = [];
  for (;;) {
    const { value, done } = await parts.next();
    if (done) return [all, value];
    all.push(value);
  }
}

function joined<T extends Float64Array | Uint8Array>(parts: readonly T[]): T {
  const [first] = parts as [T];
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const all = new (first.constructor as new (length: number) => T)(total);
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

/**
 * All rows in memory.
 * @throws ElboError `no-density`, `option-value`, and as opening and packing do.
 */
export async function detect(
  run: string | Run,
  data: string | DataSource,
  options: DetectOptions = {},
): Promise<Detection> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const { fields, dense, chunks } = await judge(opened, source, options);
    const [parts, all] = await whole(chunks);
    const nats = () => joined(parts.map((part) => part.nats));
    return {
      ...all,
      scores: joined(parts.map(({ score }) => score)),
      negElbo: dense ? joined(parts.map(({ negElbo }) => negElbo!)) : null,
      pValues: joined(parts.map(({ pValue }) => pValue)),
      alarm: joined(parts.map(({ alarm }) => alarm)),
      because: options.explain ? { fields, nats: nats() } : null,
      repairs: options.explain ? parts.flatMap(({ repair }) => repair!) : null,
    };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** Fields and their nats as JSON, those first that cost most beyond what they usually do. */
function reasons(fields: readonly string[], nats: Float64Array, usual: Float64Array): string {
  const beyond = nats.map((value, j) => value - usual[j]!);
  const order = [...fields.keys()].sort((a, b) => beyond[b]! - beyond[a]!);
  const pairs = order.map(
    (j) => `${JSON.stringify(fields[j])}: ${Number(nats[j]!.toPrecision(6))}`,
  );
  return `{${pairs.join(", ")}}`;
}

function tableOf({ carried, fields, usual, dense, chunks }: Judgement, explain: boolean) {
  const ids = carried.flatMap(outputColumns);
  const taken = ids.map(({ name }) => name);
  const columns = [
    { name: "score", type: "float64" as const },
    ...(dense ? [{ name: "neg_elbo", type: "float64" as const }] : []),
    { name: "p_value", type: "float64" as const },
    { name: "alarm", type: "boolean" as const },
    ...(explain ? ["because", "repair"].map((name) => ({ name, type: "text" as const })) : []),
  ].map(({ name, type }) => ({ name: freeName(name, taken), type }));
  const result: { all: JudgedAll | null } = { all: null };
  const why = ({ rows, nats }: Judged) =>
    Array.from({ length: rows }, (_, i) =>
      reasons(fields, nats.subarray(i * fields.length, (i + 1) * fields.length), usual),
    );
  async function* pieces() {
    for (;;) {
      const { value, done } = await chunks.next();
      if (done) {
        result.all = value;
        return;
      }
      const { rows, score, negElbo, pValue, alarm, repair } = value;
      const values = carried.flatMap((info, k) => outputValues(info, value.carried[k]!, rows));
      yield {
        rows,
        values: [
          ...values,
          score,
          ...(dense ? [negElbo!] : []),
          pValue,
          new Float64Array(alarm),
          ...(explain ? [why(value), repair!] : []),
        ],
      };
    }
  }
  const table: OutputTable = { columns: [...ids, ...columns], pieces: pieces() };
  return { table, result };
}

/**
 * Writes what `detect` tells to a file, in the format of its extension, in bounded memory: the id
 * columns, `score`, `neg_elbo`, `p_value`, `alarm`, and with `explain` `because` and `repair`.
 */
export async function detectTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: DetectOptions & { force?: boolean } = {},
): Promise<JudgedAll> {
  refuseOutput(path, "table", options);
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const judgement = await judge(opened, source, options);
    const { table, result } = tableOf(judgement, options.explain ?? false);
    await writeOutput(path, table, options);
    return result.all!;
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
