// What train tells while it runs: to programs as lines of JSON, to people as a few lines on
// stderr, one of them rewritten where stderr is a terminal.
import { grouped } from "../base/words.ts";
import { exampleOf } from "../fields/example.ts";
import { isModelled } from "../fields/field.ts";
import { methods } from "../models/methods/index.ts";
import { proposedSampler } from "../tasks/proposed-sampler.ts";
import type { SeenEpoch } from "../train/doctor/course.ts";
import type {
  DoneEvent,
  EpochEvent,
  LossParts,
  StartEvent,
  StepEvent,
  TrainEvent,
} from "../train/events.ts";
import { figuresLine } from "./figures-line.ts";
import { fixLines } from "./fix-lines.ts";
import { aligned, clock, counted, duration, figure, shellWord } from "./format.ts";
import { latentLines } from "./latent-lines.ts";
import { hasTerminal, terminalLine } from "./progress.ts";
import { fieldLines, settingsLines } from "./settings-lines.ts";
import type { Talk } from "./talk.ts";

/** Without a terminal, epochs are told in about so many lines. */
const LINES = 20;

export function jsonListener(): (event: TrainEvent) => void {
  return (event) => {
    if (event.event !== "step") process.stdout.write(`${JSON.stringify(event)}\n`);
  };
}

function lossText({ elbo, loss }: LossParts): string {
  return elbo === null ? `loss ${figure(loss)}` : `elbo ${figure(elbo)}`;
}

function epochName(epoch: number, epochs: number): string {
  return `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

function figuresText({ train, validation, rowsPerSecond }: EpochEvent): string {
  return [
    `loss ${figure(train.loss)}`,
    ...(train.elbo === null ? [] : [`elbo ${figure(train.elbo)}`]),
    ...(validation ? [`validation ${lossText(validation)}`] : []),
    `${grouped(rowsPerSecond)} rows/s`,
  ].join("  ");
}

/** The line of a terminal: where training stands, when it will be done, the latest figures. */
class Progress {
  readonly #began = performance.now();
  readonly #epochs: number;
  #first: number | null = null;
  #last: EpochEvent | null = null;

  constructor(epochs: number) {
    this.#epochs = epochs;
  }

  epoch(event: EpochEvent): string {
    this.#last = event;
    return this.#line(event.epoch, event.epoch, figuresText(event));
  }

  step({ epoch, step, steps, loss }: StepEvent): string {
    const figures = this.#last ? figuresText(this.#last) : `loss ${figure(loss)}`;
    return this.#line(epoch, epoch - 1 + step / steps, figures);
  }

  /** @param done epochs done, with the part of the one that is under way. */
  #line(epoch: number, done: number, figures: string): string {
    this.#first ??= done;
    const rate = (done - this.#first) / ((performance.now() - this.#began) / 1000);
    const left = rate > 0 ? clock((this.#epochs - done) / rate) : "?";
    return [epochName(epoch, this.#epochs), `ETA ${left}`, figures].join("  ");
  }
}

function shapeText(fields: StartEvent["fields"]): string {
  const image = fields.find(({ kind, role }) => kind === "image" && role === "data");
  if (image === undefined || !("height" in image))
    return `rows of ${counted(fields.length, "column")}`;
  const { height, width, channels } = image;
  return `images of ${height}×${width}${channels > 1 ? `×${channels}` : ""}`;
}

function startLines(event: StartEvent, path: string | undefined): string[] {
  const { training, validation } = event.rows;
  const held = validation > 0 ? `, ${grouped(validation)} held out` : "";
  const count = grouped(training + validation);
  return aligned([
    ["data", `${path === undefined ? "" : `${path}: `}${count} ${shapeText(event.fields)}${held}`],
    ...fieldLines(event.fields),
    ...settingsLines(event.settings, event.parameters),
    ["run", event.run],
  ]);
}

/** One condition of which a level is at hand shows how it is given: the others are drawn. */
function whereText(fields: StartEvent["fields"]): string {
  const field = fields
    .filter(isModelled)
    .find((field) => field.role === "condition" && "levels" in field);
  return field ? ` --where ${shellWord(`${field.name}=${exampleOf(field)}`)}` : "";
}

function samplerText(last: SeenEpoch | null, rows: number): string {
  const sampler = proposedSampler(last, rows);
  return sampler === null ? "" : ` --sampler ${sampler}`;
}

function endLines(
  event: DoneEvent,
  start: StartEvent,
  last: SeenEpoch | null,
  path: string | undefined,
) {
  const { model, training } = start.settings;
  const images = start.fields.some(({ kind, role }) => kind === "image" && role === "data");
  const rows = images ? "-n 64 -o samples.png" : "-n 100 -o samples.csv";
  const run = shellWord(event.run);
  const { epoch, validation } = event.best;
  const best = validation ? `; the best, ${epoch}, has validation ${lossText(validation)}` : "";
  const lines = [
    `${counted(event.epochs, "epoch")} in ${duration(event.seconds)}${best}`,
    ...(last ? [figuresLine(last, model)] : []),
  ];
  if (event.interrupted) {
    return [
      ...lines,
      `stopped before epoch ${training.epochs}; go on with:`,
      `  elbo train --resume ${run}`,
    ];
  }
  const data = path === undefined ? "DATA" : shellWord(path);
  return [
    ...lines,
    ...(event.report === undefined ? [] : [`report: ${event.report}`]),
    "try next:",
    `  elbo evaluate ${run} ${data}`,
    `  elbo encode ${run} ${data} -o latents.csv`,
    ...(methods[model.method].prior === undefined
      ? []
      : [
          `  elbo sample ${run} ${rows}${samplerText(last, start.rows.training)}${whereText(start.fields)}`,
        ]),
  ];
}

export function talkListener(talk: Talk, path: string | undefined): (event: TrainEvent) => void {
  if (talk.silent) return () => {};
  const terminal = hasTerminal();
  const line = terminalLine(() => process.stderr.columns ?? 80);
  let progress = new Progress(0);
  let start: StartEvent | null = null;
  let last: SeenEpoch | null = null;
  let told = 0;
  return (event) => {
    if (event.event === "warning") {
      line.clear();
      return talk.warn(event);
    }
    if (event.event === "fix" || event.event === "unfixed") {
      line.clear();
      for (const text of fixLines(event)) talk.say(text);
      return;
    }
    if (event.event === "latent") {
      line.clear();
      for (const text of latentLines(event)) talk.say(text);
      return;
    }
    if (event.event === "start") {
      start = event;
      progress = new Progress(event.settings.training.epochs);
      for (const text of startLines(event, path)) talk.say(text);
      return;
    }
    if (event.event === "epoch" && event.figures) last = { ...event, figures: event.figures };
    const epochs = start?.settings.training.epochs ?? 0;
    if (event.event === "done") {
      line.clear();
      if (start) for (const text of endLines(event, start, last, path)) talk.say(text);
    } else if (terminal) {
      line.show(event.event === "step" ? progress.step(event) : progress.epoch(event));
    } else if (event.event === "epoch") {
      // The first, the last, and those that end a twentieth of the way.
      const part = Math.floor((event.epoch * (LINES - 1)) / epochs);
      if (event.epoch > 1 && part === told) return;
      told = part;
      talk.say(`${epochName(event.epoch, epochs)}  ${figuresText(event)}`);
    }
  };
}
