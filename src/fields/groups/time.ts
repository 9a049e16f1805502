// Groups of moments in time: a density in days, and the calendar beside the value for the encoder.
import { log } from "../../base/exact-math.ts";
import { concat, constant, type Tensor } from "../../graph/index.ts";
import type { TimeField } from "../field.ts";
import { type GroupLayout, TIME_PARTS } from "../layout.ts";
import { SHARPEST } from "./columns.ts";
import type { Raw } from "./group.ts";
import type { Numeric } from "./numeric.ts";

const DAY_MS = 86_400_000;

/** Whole days and the part of a day, each `(batch, fields)`. */
function parts({ rows }: Raw, fields: number): { days: Tensor; fraction: Tensor } {
  const pairs = rows.cast("float32").reshape([rows.shape[0]!, fields, TIME_PARTS]);
  const part = (i: number) => pairs.slice(2, i, i + 1).reshape([rows.shape[0]!, fields]);
  return { days: part(0), fraction: part(1).mul(1 / DAY_MS) };
}

/** Sine and cosine of where x stands in a cycle of `period`. */
function cycle(x: Tensor, period: number): Tensor[] {
  // Whole cycles are taken off in days: of whole days and a week, nothing is rounded.
  const since = x.sub(
    x
      .mul(1 / period)
      .floor()
      .mul(period),
  );
  const angle = since.mul((2 * Math.PI) / period);
  return [angle.sin(), angle.cos()];
}

export function timeColumns(layout: GroupLayout): Numeric {
  const fields = layout.fields as TimeField[];
  // Days are whole numbers of some ten thousands: what float32 holds must be subtracted first.
  const whole = constant(fields.map(({ mean }) => Math.floor(mean)));
  const rest = constant(fields.map(({ mean }) => mean - Math.floor(mean)));
  const deviation = constant(fields.map((field) => field.deviation));
  function value(raw: Raw): Tensor {
    const { days, fraction } = parts(raw, fields.length);
    return days.sub(whole).add(fraction.sub(rest)).div(deviation);
  }
  return {
    layout,
    likelihood: fields[0]!.likelihood,
    values: fields.length,
    value,
    logJacobian: constant(fields.map((field) => -log(field.deviation))),
    toNetwork: (x) => x,
    fromNetwork: (x) => x,
    location: (emitted) => emitted,
    bounded: false,
    scale: fields.map(() => 0),
    floor: fields.map((field) => (field.resolution / field.deviation) * SHARPEST),
    features(raw) {
      const { days, fraction } = parts(raw, fields.length);
      const calendar = [
        value(raw),
        // 1970-01-01 was a Thursday; the phase is the network's to learn.
        ...cycle(days, 7),
        ...cycle(days, 365.2425),
        ...(fields[0]!.date ? [] : cycle(fraction, 1)),
      ];
      return concat(
        calendar.map((part) => (raw.mask ? part.mul(raw.mask) : part)),
        1,
      );
    },
    columns: (values, rows) =>
      fields.map(({ mean, deviation: spread, date }, j) => {
        const column = new Float64Array(rows);
        for (let i = 0; i < rows; i++) {
          const days = values[i * fields.length + j]! * spread + mean;
          column[i] = date ? Math.round(days) * DAY_MS : Math.round(days * DAY_MS);
        }
        return { type: "time", values: column };
      }),
  };
}
