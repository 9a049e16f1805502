// What a run does at each batch: which parameters its schedule lowers the loss by, and the adversary's.
import type { Tensor } from "../graph/index.ts";
import { trainingGraph } from "../models/graphs.ts";
import { Parameters } from "../nn/parameters.ts";
import type { StepDefinition } from "../runtime/trainer.ts";
import type { RunConfig } from "./config.ts";

/** Where training stands, as far as its schedule asks. */
export interface Place {
  /** Epochs and steps finished before it. */
  epoch: number;
  step: number;
  /** Whether the encoder leads; see `aggressive` in ./config.ts. */
  leads: boolean;
}

/** Kinds of steps by their places, and their rates. */
export interface Plan {
  /** The trainer's: of each kind, one for each cut of texts. */
  steps: StepDefinition[];
  kinds: number;
  /** Times the learning rate, of each kind. */
  rates: number[];
  /** The kinds taken at a batch, the one whose metrics are the run's first. */
  stepsOf(place: Place): readonly number[];
  metricNames: readonly string[];
  parameters: Parameters;
}

/** Batches that a leading encoder learns from for each that the decoder does. */
const LEAD = 10;

/** The parameters of each kind, and which kind a batch takes. */
function partsOf(
  schedule: RunConfig["training"]["schedule"],
  all: Tensor[],
): { parts: Tensor[][]; kindAt(place: Place): number } {
  const inDecoder = (tensor: Tensor) => nameOf(tensor).startsWith("decoder.");
  const encoder = all.filter((tensor) => !inDecoder(tensor));
  const decoder = all.filter(inDecoder);
  switch (schedule) {
    case "joint":
      return { parts: [all], kindAt: () => 0 };
    case "two-phase":
      return { parts: [encoder, decoder], kindAt: ({ epoch }) => epoch % 2 };
    case "aggressive":
      return {
        parts: [all, encoder, decoder],
        kindAt: ({ step, leads }) => (leads ? (step % (LEAD + 1) < LEAD ? 1 : 2) : 0),
      };
    default:
      return schedule satisfies never;
  }
}

/** @param cuts how many graphs texts of different lengths have. */
export function planOf({ schema, model, training }: RunConfig, cuts: number): Plan {
  const parameters = new Parameters();
  const graphs = Array.from({ length: cuts }, (_, cut) =>
    trainingGraph(schema, model, cuts === 1 ? null : cut, parameters),
  );
  const [{ metricNames, adversary, assignments }] = graphs as [(typeof graphs)[number]];
  const prefix = adversary?.prefix;
  const ofAdversary = parameters.tensors().filter((t) => prefix && nameOf(t).startsWith(prefix));
  const assigned = assignments.map(({ parameter }) => parameter);
  const main = parameters
    .tensors()
    .filter((tensor) => !ofAdversary.includes(tensor) && !assigned.includes(tensor));
  const { parts, kindAt } = partsOf(training.schedule, main);
  const steps = parts.flatMap((part) =>
    graphs.map(
      ({ loss, metrics, assignments }): StepDefinition => ({
        loss,
        metrics,
        parameters: part,
        assignments,
      }),
    ),
  );
  const rates = parts.map(() => 1);
  const after: number[] = [];
  if (adversary) {
    after.push(rates.length);
    rates.push(adversary.rate);
    for (const graph of graphs) {
      const { loss } = graph.adversary!;
      steps.push({ loss, metrics: [loss], parameters: ofAdversary, assignments: [] });
    }
  }
  const each = parts.map((_, i) => [i, ...after]);
  return {
    steps,
    kinds: rates.length,
    rates,
    stepsOf: (place) => each[kindAt(place)]!,
    metricNames: adversary ? [...metricNames, "adversary"] : metricNames,
    parameters,
  };
}

const nameOf = (parameter: Tensor) => parameter.attributes["name"] as string;
