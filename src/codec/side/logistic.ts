// The logistic function and its inverse between probabilities of 16 bits and logits in steps of 1/256,
// as tables that are computed in whole numbers, so that they are the same on every machine.

/** The largest logit: e^-12 is less than the least probability, 2^-16. */
export const logitLimit = 3071;

const one = 1n << 64n;

/** e^(1/256), times 2^64, from its series. */
function base(): bigint {
  let sum = one;
  for (let k = 1n, term = one; term > 0n; k++) {
    term /= 256n * k;
    sum += term;
  }
  return sum;
}

function squashTable(): Uint16Array {
  const table = new Uint16Array(2 * logitLimit + 1);
  const step = base();
  for (let x = 0, odds = one; x <= logitLimit; x++, odds = (odds * step) / one) {
    const probability = Math.min(Number((65536n * odds + (one + odds) / 2n) / (one + odds)), 65535);
    table[logitLimit + x] = probability;
    table[logitLimit - x] = 65536 - probability;
  }
  return table;
}

/** At `logitLimit` + x the probability, times 2^16, of which x / 256 is the logit. From 1 to 65535. */
export const squash = squashTable();

function stretchTable(): Int16Array {
  const table = new Int16Array(65536);
  for (let p = 0, x = -logitLimit; p < 65536; p++) {
    while (x < logitLimit && squash[logitLimit + x + 1]! <= p) x++;
    table[p] = x;
  }
  return table;
}

/** The greatest logit whose probability is no more than p / 2^16. */
export const stretch = stretchTable();
