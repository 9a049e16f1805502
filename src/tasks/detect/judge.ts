// Rows of a source judged one chunk after the other: how strange they are, how rare that is among
// normal rows, which fields make them so.
import { ElboError } from "../../base/errors.ts";
import { checkChoice, checkNumber } from "../../base/validate.ts";
import type { DataSource } from "../../data/source.ts";
import { pickRows } from "../../data/store/pick-rows.ts";
import type { ColumnInfo } from "../../fields/columns.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { conformalPValue } from "../../metrics/conformal.ts";
import { Ranks } from "../../metrics/ranks.ts";
import { methods } from "../../models/methods/index.ts";
import { type Run, sourceFor, type TaskOptions } from "../run.ts";
import { carriedColumns, packedChunks } from "../stream.ts";
import { chosenScores, type Known } from "./choose.ts";
import { type Drift, DriftTest, driftNote, MOST_KNOWN } from "./drift.ts";
import { Repairer } from "./repair.ts";
import { type Said, Scorer } from "./scorer.ts";
import { type ScoreName, type Scores, scoreNames } from "./scores.ts";
import { heldStretches, middleScores, rowsOfWindows, type Told } from "./series.ts";

export interface DetectOptions extends TaskOptions {
  /** What strangeness is told by. Default `ensemble`, or what tells the run's known anomalies best. */
  score?: ScoreName;
  /** The share of normal rows that may be alarms. Default 0.01. */
  alarmRate?: number;
  /** Normal rows that p-values are calibrated on. Default: those that training held out. */
  calibration?: string | DataSource;
  /** Which fields make a row strange, and what would repair it. Default false. */
  explain?: boolean;
  /** Draws of each row's posterior for `negElbo`, the same for all rows; default 0: its mean. */
  importanceSamples?: number;
  /** Of those draws. Default 0. */
  seed?: number;
}

/** Some rows in order; their nats sum to `negElbo` less its KL. */
export interface Judged extends Told {
  pValue: Float64Array;
  /** 1 where the p-value is at most the rate. */
  alarm: Uint8Array;
  /**
   * Where asked for: the value of the field of most nats that would make the row raise no alarm; none of
   * rows of a series, whose fields are windows.
   */
  repair: (string | null)[] | null;
}

/** What all rows together are told. */
export interface JudgedAll {
  rows: number;
  alarms: number;
  score: ScoreName;
  /** How well that tells known anomalies, by which it was chosen; null where it was not. */
  known: Known | null;
  alarmRate: number;
  /** Rows that p-values were calibrated on. */
  calibrationRows: number;
  drift: Drift | null;
}

export interface Judgement {
  carried: ColumnInfo[];
  fields: readonly string[];
  /** What each field usually costs: medians. */
  usual: Float64Array;
  /** Whether there is a `negElbo`. */
  dense: boolean;
  chunks: AsyncGenerator<Judged, JudgedAll>;
}

function settled(run: Run, options: DetectOptions) {
  const { method } = run.config.model;
  const { probabilistic } = methods[method];
  const asked = options.score && checkChoice("--score", options.score, scoreNames);
  const alarmRate = checkNumber("--alarm-rate", options.alarmRate ?? 0.01, {
    ...{ min: 0, above: true, max: 1 },
  });
  const samples = checkNumber("--importance-samples", options.importanceSamples ?? 0, {
    min: 0,
    integer: true,
  });
  const seed = checkNumber("--seed", options.seed ?? 0, {
    ...{ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true },
  });
  const needs = asked === "elbo" ? "--score elbo" : samples > 0 ? "--importance-samples" : null;
  if (!probabilistic && needs !== null) {
    throw new ElboError({
      code: "no-density",
      kind: "usage",
      message: `${needs} needs a density; the run's method, ${method}, has none`,
      hint: "Leave it out, or train with --method vae.",
    });
  }
  return { asked, dense: probabilistic, alarmRate, samples, seed };
}

/** Scores of other rows than those that the run held out, and what they are. */
async function calibratedOn(run: Run, data: string | DataSource, scorer: Scorer, scores: Scores) {
  const source = await sourceFor(run, data);
  const calibration = new Float64Array(source.rows);
  const step = Math.ceil(source.rows / MOST_KNOWN);
  const kept: PackedRows[] = [];
  let seen = 0;
  try {
    for await (const packed of packedChunks(run, source, [], undefined, "judging")) {
      calibration.set(await scores.of(await scorer.say(packed)), seen);
      const some = Array.from({ length: packed.rows }, (_, i) => i);
      const chosen = some.filter((i) => (seen + i) % step === 0);
      if (chosen.length > 0) kept.push(pickRows(run.config.schema, packed, chosen));
      seen += packed.rows;
    }
  } finally {
    if (typeof data === "string") await source.close?.();
  }
  const said: Said[] = [];
  for (const rows of kept) said.push(await scorer.say(rows));
  return { calibration, said, heldOut: true, stretches: [source.rows] };
}

/** The field that costs most beyond what it usually does. */
function strangestOf({ nats }: Told, row: number, usual: Float64Array): number {
  const beyond = usual.map((value, j) => nats[row * usual.length + j]! - value);
  return beyond.indexOf(beyond.reduce((a, b) => Math.max(a, b)));
}

/** What a person should know of p-values before they rely on them. */
function calibrationNotes(rows: number, heldOut: boolean, alarmRate: number) {
  const least = 1 / (rows + 1);
  const notes: { code: string; message: string }[] = [];
  if (!heldOut) {
    notes.push({
      code: "calibration-trained",
      message: `training held out too few rows to calibrate on: p-values are by ${rows} rows that the model learned, and more normal rows than the rate will be alarms; give others as --calibration`,
    });
  }
  if (alarmRate < least) {
    notes.push({
      code: "calibration-few",
      message: `${rows} rows tell no rate below ${least.toPrecision(2)}: alarms are raised at that; give more normal rows as --calibration for a rate of ${alarmRate}`,
    });
  }
  return notes;
}

/** @throws ElboError `no-density`, `option-value`, and as opening and packing do. */
export async function judge(
  run: Run,
  source: DataSource,
  options: DetectOptions,
): Promise<Judgement> {
  const { asked, dense, alarmRate, samples, seed } = settled(run, options);
  const scorer = await Scorer.create(run, { ...options, samples, seed });
  const { name, scores, known } = await chosenScores(run, scorer, asked, dense, options);
  const { windows } = source;
  // Windows may have an id that the rows of their series have not: their number.
  const carried = carriedColumns(run, source).filter(
    ({ name }) => !windows || windows.of.columns.some((column) => column.name === name),
  );
  const each = windows?.size ?? 1;
  async function* chunks(): AsyncGenerator<Judged, JudgedAll> {
    const repairer = options.explain && !windows ? await Repairer.create(run, options) : null;
    try {
      const calibrated =
        options.calibration === undefined
          ? { ...scores, said: [scores.calibrating], stretches: await heldStretches(run, scores) }
          : await calibratedOn(run, options.calibration, scorer, scores);
      const { calibration, said, heldOut, stretches } = calibrated;
      const ranks = new Ranks(calibration.slice().sort());
      // Of a series it is windows that are told, and rows that are judged.
      const rowRanks = windows
        ? new Ranks(middleScores(calibration, each, stretches).sort())
        : ranks;
      const { length } = calibration;
      const rate = Math.max(alarmRate, 1 / (length + 1));
      options.onNotes?.(calibrationNotes(length, heldOut, alarmRate));
      const drift = new DriftTest(scorer, calibration, said, each, source.rows);
      const scored = async (packed: PackedRows) => {
        const said = await scorer.say(packed);
        return { said, score: await scores.of(said) };
      };
      async function* told(): AsyncGenerator<Told & { packed?: PackedRows }> {
        for await (const packed of packedChunks(run, source, carried, options.onNotes, "judging")) {
          const { said, score } = await scored(packed);
          drift.add(said, score, ranks.allBelow(score));
          const negElbo = said.rest?.map((value, i) => value + said.told[i]!) ?? null;
          const { rows, carried } = packed;
          yield { rows, score, negElbo, nats: said.nats, carried, packed };
        }
      }
      const rare = (score: Float64Array) =>
        Float64Array.from(rowRanks.allBelow(score), (below) => conformalPValue(length, below));
      let [rows, alarms] = [0, 0];
      const all: ReturnType<typeof told> = windows
        ? rowsOfWindows(windows, carried, told())
        : told();
      for await (const { packed, ...own } of all) {
        const pValue = rare(own.score);
        const alarm = Uint8Array.from(pValue, (value) => +(value <= rate));
        rows += own.rows;
        alarms += alarm.reduce((sum, value) => sum + value, 0);
        const repair = options.explain ? new Array<string | null>(own.rows).fill(null) : null;
        if (repairer && repair && packed) {
          const chosen = [...alarm.keys()].filter((i) => alarm[i] === 1);
          const strangest = chosen.map((i) => scorer.fields[strangestOf(own, i, scores.usual)]!);
          const repaired = await repairer.repair(packed, chosen, strangest);
          const again = rare((await scored(repaired.rows)).score);
          for (const [k, i] of chosen.entries()) {
            if (again[k]! > rate) repair[i] = repaired.texts[k]!;
          }
        }
        yield { ...own, pValue, alarm, repair };
      }
      const drifted = drift.result();
      if (drifted) options.onNotes?.([driftNote(drifted)]);
      const about = { score: name, known, alarmRate: rate, calibrationRows: length };
      return { rows, alarms, ...about, drift: drifted };
    } finally {
      await repairer?.release();
      await scores.release();
      await scorer.release();
    }
  }
  return { carried, fields: scorer.fields, usual: scores.usual, dense, chunks: chunks() };
}
