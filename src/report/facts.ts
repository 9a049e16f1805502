// What a report tells of a run, gathered (./gather.ts) and not yet written (./page.ts).
import type { EvaluationReport } from "../tasks/evaluate.ts";
import type { RawRows } from "../tasks/raw-rows.ts";
import type { Run } from "../tasks/run.ts";
import type { SamplerName } from "../tasks/samplers.ts";
import type { Diagnosis } from "../train/doctor/course.ts";
import type { EpochEvent } from "../train/events.ts";
import type { DataRecord } from "../train/record.ts";
import type { GeneratedRows } from "./samples.ts";

/** Rows of which the page tells, and what it calls them. */
export interface NamedRows extends RawRows {
  /** `held-out rows`, `rows of data.csv`. */
  called: string;
}

/** A field by which points of the map are coloured. */
export type Colour =
  | { name: string; type: "number"; values: (number | null)[] }
  /** Moments as ISO 8601 beside their places in order. */
  | { name: string; type: "time"; values: (number | null)[] }
  /** Codes are places in `levels`; null is missing. */
  | { name: string; type: "levels"; levels: string[]; values: (number | null)[] }
  /** Shown of a point, and no colour. */
  | { name: string; type: "text"; values: (string | null)[] };

export interface LatentMap {
  called: string;
  /** The two axes, what they are and one value a point. */
  axes: [Axis, Axis];
  fields: Colour[];
  /** Small images of the points, side by side; null of tables. */
  atlas: { png: string; across: number; width: number; height: number } | null;
  /** Why the rows are not the data's own; null where they are. */
  instead: string | null;
}

export interface Axis {
  label: string;
  values: Float64Array;
}

/** A row beside what the model makes of it. */
export interface Reconstruction {
  /** From 1, of the rows that were reconstructed. */
  row: number;
  /** Mean over cells: squared error in deviations, or 1 of a level that is another. */
  error: number;
  observed: RawRows;
  reconstructed: RawRows;
}

/** One latent from low to high, the others at their mean. */
export interface Traversal {
  latent: number;
  kl: number | null;
  /** The latent's values, ascending. */
  steps: number[];
  decoded: RawRows;
}

export interface ReportFacts {
  run: Run;
  record: DataRecord | null;
  epochs: EpochEvent[];
  diagnoses: Diagnosis[];
  evaluation: { called: string; heldOut: boolean; report: EvaluationReport } | null;
  map: LatentMap | null;
  reconstructions: { called: string; rows: Reconstruction[] } | null;
  samples: GeneratedRows | null;
  /** What new rows are best drawn with; null for the default. */
  proposedSampler: SamplerName | null;
  traversals: Traversal[];
  fits: { called: string; fits: FieldFit[] } | null;
}

/** How a field of generated rows is distributed beside that of the data. */
export interface FieldFit {
  name: string;
  kind: string;
  /** From 0, the same, to 1: the largest difference of shares below a value, or half the sum of shares'. */
  distance: number;
  /** What two samples of one distribution of these sizes would rarely exceed; null of levels. */
  chance: number | null;
  shape: FitShape;
}

export type FitShape =
  | { type: "histogram"; edges: number[]; observed: number[]; generated: number[]; time: boolean }
  | { type: "levels"; levels: string[]; observed: number[]; generated: number[] }
  /** Means by place. */
  | { type: "profile"; observed: number[]; generated: number[] }
  /** Mean pixels as pictures. */
  | { type: "images"; observed: string; generated: string };
