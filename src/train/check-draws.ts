// What a sweep draws, checked by the data before anything is trained: what only a later trial would be
// refused for is refused now.
import { ElboError, errorParts } from "../base/errors.ts";
import { startingRun } from "./from.ts";
import { contradiction, type TrainOptions } from "./options.ts";
import { withRows } from "./settle.ts";

/** What a trial is to be. */
export interface Draw {
  /** Counted from 1. */
  trial: number;
  drawn: Readonly<Record<string, string>>;
  options: TrainOptions;
}

/** Options that have no part in what the rows are: trials that differ in these read them once. */
const beside: ReadonlySet<string> = new Set<keyof TrainOptions>([
  ...(["latent", "network", "activation", "codeActivation", "methodOption", "output"] as const),
  ...(["epochs", "batch", "accumulate", "learningRate", "lrSchedule", "lrWarmup"] as const),
  ...(["lrSteps", "lrFactor", "optimizer", "weightDecay", "clip", "ema", "patience"] as const),
  ...(["maxTime", "device", "threads", "beta", "warmup", "cycles", "schedule"] as const),
  ...(["freeBits", "freeBitsOf", "capacity"] as const),
]);

const ofRows = (options: TrainOptions) =>
  JSON.stringify(Object.entries(options).filter(([name]) => !beside.has(name)));

/**
 * Settles each draw as its training would.
 * @param scratch a path beside which rows may lie that memory has no room for.
 */
export async function checkDraws(
  data: string,
  draws: readonly Draw[],
  scratch: string,
): Promise<void> {
  const alike = new Set(draws.map(({ options }) => ofRows(options)));
  for (const rowsOptions of alike) {
    const group = draws.filter((draw) => ofRows(draw.options) === rowsOptions);
    const [{ options }] = group as [Draw];
    const started = ({ from, ...rest }: TrainOptions) =>
      from === undefined ? null : startingRun(from, { from, ...rest });
    const first = { ...options, out: scratch };
    await withRows(
      data,
      first,
      await started(options),
      () => {},
      async (rows) => {
        if (rows.prepared.validation.rows === 0) {
          throw contradiction(
            "a sweep chooses by rows held out, and none are",
            "Give --validation 0.1, or more rows.",
          );
        }
        for (const draw of group) {
          try {
            await rows.settle(draw.options, await started(draw.options));
          } catch (error) {
            throw ofDraw(draw, error);
          }
        }
      },
    );
  }
}

function ofDraw({ trial, drawn }: Draw, error: unknown): unknown {
  if (!(error instanceof ElboError)) return error;
  const told = Object.entries(drawn).map(([name, value]) => `${name} ${value}`);
  const message = `trial ${trial} of the sweep draws ${told.join(", ")}: ${error.message}`;
  return new ElboError({ ...errorParts(error), message });
}
