// How the numbers of a column are distributed: their moments, those of their logarithms, and what stands out.
import { watchSentinels } from "./sentinels.ts";
import { type Held, Moments, ShapeTally, type Tally } from "./tally/tally.ts";

export function watchShape(tally: Tally) {
  const moments = new Moments(tally);
  const logMoments = new Moments(tally);
  const shape = new ShapeTally(tally);
  const sentinels = watchSentinels();

  return {
    /** @param stride one value in so many is enough for the logarithms. */
    add(held: Held, stride: number) {
      moments.add(held);
      const values = tally.floatsAt(held.at, held.length);
      const counts = held.counts === 0 ? null : tally.floatsAt(held.counts, held.length);
      sentinels.add(values, counts);
      if (!(shape.add(held) >= 0)) return;
      const logs = new Float64Array(Math.ceil(values.length / stride));
      for (let i = 0; i < logs.length; i++) {
        const value = values[i * stride]!;
        logs[i] = value > 0 ? Math.log(value) : Number.NaN;
      }
      // Where numbers are counted, stride is 1.
      logMoments.add({ ...tally.hold(logs), counts: held.counts });
    },
    /** Of `present` numbers from `min` to `max`. */
    profile(present: number, min: number, max: number) {
      const { mean, deviation, skewness } = moments.found();
      return {
        mean,
        deviation: min === max ? 0 : deviation,
        skewness: min === max ? 0 : skewness,
        logSkewness: min >= 0 ? logMoments.found().skewness : Number.NaN,
        ...shape.found(),
        sentinel: sentinels.found(present),
      };
    },
  };
}
