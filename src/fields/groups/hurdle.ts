// Groups of amounts: columns of numbers from 0 on, of which the zeros have a probability of their own.
import { logit } from "../../base/exact-math.ts";
import { concat, type Tensor } from "../../graph/index.ts";
import type { PositiveField } from "../field.ts";
import { ZERO_AT } from "../hurdle.ts";
import type { GroupLayout } from "../layout.ts";
import { positiveColumns } from "./columns.ts";
import { masked, type Raw } from "./group.ts";
import type { Numeric } from "./numeric.ts";

/** Neither certainty, however few or many zeros training had. */
const RAREST = 1e-4;

/** How the others differ from log-normal columns: the encoder sees a zero as such, and not as a small number. */
export function hurdleColumns(layout: GroupLayout): Numeric {
  const fields = layout.fields as PositiveField[];
  const shares = fields.map(({ zeros = 0.5 }) => Math.min(Math.max(zeros, RAREST), 1 - RAREST));
  const above = positiveColumns(layout);
  const logs = (value: Tensor, raw: Raw, ofZero: number) => {
    const isZero = value.lessOrEqual(0);
    return isZero.where(ofZero, above.toNetwork(isZero.where(1, value), raw));
  };
  return {
    ...above,
    toNetwork: (value, raw) => logs(value, raw, ZERO_AT),
    zeroLogits: shares.map(logit),
    features(raw: Raw) {
      const value = above.value(raw);
      const some = value.greater(0).cast("float32").mul(2).sub(1);
      return concat(
        [logs(value, raw, 0), some].map((part) => masked(part, raw)),
        1,
      );
    },
    middle([location, , zeroLogit]) {
      const z = above.middle!([location!]);
      const share = zeroLogit!.sigmoid();
      return z.add(share.mul(z.neg().add(ZERO_AT)));
    },
  };
}
