// The library's face: train a model on your data, and use it.
export { ElboError, type ErrorKind, type ErrorParts } from "./base/errors.ts";
export type { DataNote, DataSet } from "./data/dataset.ts";
export { readData } from "./data/read.ts";
export { tableOf } from "./data/table.ts";
export { Random, streams } from "./runtime/random.ts";
export { type EncodeOptions, type Encoding, encode, writeEncoding } from "./tasks/encode.ts";
export { type EvaluateOptions, type EvaluationReport, evaluate } from "./tasks/evaluate.ts";
export { type ColumnSummary, type DataSummary, inspect } from "./tasks/inspect.ts";
export { reconstruct } from "./tasks/reconstruct.ts";
export { type ModelRows, writeRows } from "./tasks/rows.ts";
export { openRun, type Run, type TaskOptions } from "./tasks/run.ts";
export { type SampleOptions, sample } from "./tasks/sample.ts";
export type { RunConfig } from "./train/config.ts";
export type {
  DoneEvent,
  EpochEvent,
  LossParts,
  StartEvent,
  StepEvent,
  TrainEvent,
  WarningEvent,
} from "./train/events.ts";
export type { TrainResult } from "./train/follow.ts";
export type { TrainOptions } from "./train/settings.ts";
export { resume, type TrainHooks, train } from "./train/train.ts";
