// The entry of the thread that writes a run's report when its training has ended: whoever trains in a
// server goes on answering.
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorParts, errorParts } from "../base/errors.ts";
import type { DeviceName } from "../runtime/device.ts";
import { REPORT_FILE } from "../train/run.ts";
import { reportTo } from "./report.ts";

export interface ReportJob {
  folder: string;
  device: DeviceName;
  threads: number;
}

export type ReportMessage =
  | { type: "written"; path: string }
  | { type: "failed"; error: ErrorParts };

const send = (message: ReportMessage) => parentPort!.postMessage(message);
const { folder, device, threads } = workerData as ReportJob;
const path = join(folder, REPORT_FILE);
try {
  await reportTo(path, folder, { device, threads, force: true });
  send({ type: "written", path });
} catch (error) {
  send({ type: "failed", error: errorParts(error) });
}
