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
export { type ClusterOptions, type Clusters, clusterTo } from "./tasks/cluster.ts";
export { compressTo, decompressTo } from "./tasks/compress/archives.ts";
export type { Compressed, CompressOptions } from "./tasks/compress/compress.ts";
export type { Decompressed, DecompressOptions } from "./tasks/compress/decompress.ts";
export { type Detection, detect, detectTo } from "./tasks/detect/detect.ts";
export type { DetectOptions, JudgedAll } from "./tasks/detect/judge.ts";
export type { ScoreName } from "./tasks/detect/scores.ts";
export { type EncodeOptions, type Encoding, encode, encodeTo } from "./tasks/encode.ts";
export { type EvaluateOptions, type EvaluationReport, evaluate } from "./tasks/evaluate.ts";
export type { AnomalyReport } from "./tasks/evaluation/anomalies.ts";
export type { Compression } from "./tasks/evaluation/compression.ts";
export type { ImageReport } from "./tasks/evaluation/images.ts";
export type { LatentOptions, LatentReport } from "./tasks/evaluation/latents.ts";
export type { TargetReport } from "./tasks/evaluation/targets.ts";
export { type AttributedTo, attributeTo } from "./tasks/explain/attribute.ts";
export { type Change, type ChangeOptions, change, type Edit } from "./tasks/explain/change.ts";
export {
  type Evidence,
  type ExplainOptions,
  type Explanation,
  explain,
  type LatentMeaning,
} from "./tasks/explain/explain.ts";
export { type Exported, type ExportOptions, exportRun } from "./tasks/export/export.ts";
export type { PartName } from "./tasks/export/refusals.ts";
export { type Imputation, type ImputeOptions, impute, imputeTo } from "./tasks/impute.ts";
export { inspect } from "./tasks/inspect.ts";
export { type InterpolateOptions, interpolate, interpolateTo } from "./tasks/interpolate.ts";
export {
  type Nearest,
  type NearestOptions,
  type Neighbour,
  nearest,
  nearestTo,
} from "./tasks/nearest.ts";
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
export {
  type SyntheticReport,
  type SyntheticReportOptions,
  syntheticReport,
} from "./tasks/synthetic/report.ts";
export { type TraverseOptions, traverse, traverseTo } from "./tasks/traverse.ts";
export type { RunConfig } from "./train/config.ts";
export type {
  DoneEvent,
  EpochEvent,
  FixEvent,
  LossParts,
  StartEvent,
  StepEvent,
  TrainEvent,
  UnfixedEvent,
  WarningEvent,
} from "./train/events.ts";
export type { TrainResult } from "./train/follow.ts";
export type { TrainHooks } from "./train/hooks.ts";
export type { TrainOptions } from "./train/options.ts";
export type { DataSummary, FieldSummary } from "./train/summary.ts";
export type { Training } from "./train/training.ts";
