// The library's face: train a model on your data, and use it.
export { ElboError, type ErrorKind, type ErrorParts } from "./base/errors.ts";
export { columnsOf, imagesOf, type MemoryValues, tableOf } from "./data/in-memory.ts";
export { type OpenOptions, openData } from "./data/open.ts";
export type { DataNote, DataSource } from "./data/source.ts";
export type { Chunk, ColumnInfo, ColumnValues } from "./fields/columns.ts";
export type { Field, FieldSchema, Kind, LikelihoodName, Role } from "./fields/field.ts";
export type { Finding } from "./fields/findings.ts";
export { type ReportOptions, report, reportTo } from "./report/report.ts";
export { type ReportedTrainOptions, resume, train } from "./report/training.ts";
export { Random, streams } from "./runtime/random.ts";
export { type Detection, detect, detectTo } from "./tasks/detect/detect.ts";
export type { DetectOptions, JudgedAll } from "./tasks/detect/judge.ts";
export type { ScoreName } from "./tasks/detect/scores.ts";
export { type EncodeOptions, type Encoding, encode, encodeTo } from "./tasks/encode.ts";
export { type EvaluateOptions, type EvaluationReport, evaluate } from "./tasks/evaluate.ts";
export { type Exported, type ExportOptions, exportRun } from "./tasks/export/export.ts";
export type { PartName } from "./tasks/export/refusals.ts";
export { type Imputation, type ImputeOptions, impute, imputeTo } from "./tasks/impute.ts";
export { inspect } from "./tasks/inspect.ts";
export {
  type Predictions,
  type PredictOptions,
  type PredictSummary,
  predict,
  predictTo,
} from "./tasks/predict.ts";
export { reconstruct, reconstructTo } from "./tasks/reconstruct.ts";
export type { ModelRows } from "./tasks/rows.ts";
export { openRun, type Run, type TaskOptions } from "./tasks/run.ts";
export { type SampleOptions, sample, sampleTo } from "./tasks/sample.ts";
export type { TargetScore } from "./tasks/scores.ts";
export type { RunConfig } from "./train/config.ts";
export type {
  DoneEvent,
  EpochEvent,
  FixEvent,
  LossParts,
  StartEvent,
  StepEvent,
  TrainEvent,
  WarningEvent,
} from "./train/events.ts";
export type { TrainResult } from "./train/follow.ts";
export type { TrainHooks } from "./train/hooks.ts";
export type { TrainOptions } from "./train/options.ts";
export type { DataSummary, FieldSummary } from "./train/summary.ts";
export type { Training } from "./train/training.ts";
