// Symbols of a distribution to its kernel and back: one kernel for each family.
import { countFamilies, type Distribution, densities } from "./distribution.ts";
import { codeImages, LOGISTIC, type Room } from "./images.ts";
import type { AnsExports } from "./module.ts";

/**
 * Pushes the `n` symbols that stand at `symbols`, or pops them there.
 * @param given symbols of which this is 0 are left out; null: none.
 */
export function codeSymbols(
  wasm: AnsExports,
  by: Distribution,
  symbols: number,
  n: number,
  given: Uint8Array | null,
  room: Room,
  decode: boolean,
): void {
  if (by.warp) {
    codeImages(wasm, by, by.warp, symbols, n, room, decode);
    return;
  }
  const present = given ? room.put(given) : 0;
  const [first = 0, second = 0, third = 0] = by.parameters.map((each) => room.put(each));
  switch (by.family) {
    case "bernoulli":
      wasm.codeBernoulli(n, present, symbols, first, decode);
      return;
    case "categorical": {
      const weights = room.room(8 * by.levels);
      wasm.codeCategorical(n, present, symbols, first, by.levels, weights, decode);
      return;
    }
    case "ordinal": {
      const weights = room.room(8 * by.levels);
      wasm.codeOrdinal(n, present, symbols, first, second, by.levels, weights, decode);
      return;
    }
    case "discretized-logistic":
      wasm.codeLogistic(
        ...([n, present, symbols, 0, first, second] as const),
        ...([1, by.levels, room.room(LOGISTIC)] as const),
        decode,
      );
      return;
    case "discretized-logistic-mixture": {
      const bounds = room.room(LOGISTIC * by.components);
      wasm.codeLogistic(
        ...([n, present, symbols, first, second, third] as const),
        ...([by.components, by.levels, bounds] as const),
        decode,
      );
      return;
    }
    case "beta-binomial":
      wasm.codeBetaBinomial(n, present, symbols, first, second, by.levels - 1, decode);
      return;
    case "poisson":
    case "negative-binomial":
    case "zero-inflated-negative-binomial": {
      const kind = countFamilies.indexOf(by.family);
      wasm.codeCounts(kind, n, present, symbols, first, second, third, decode);
      return;
    }
    default: {
      const kind = densities.indexOf(by.family);
      const { lows, steps, counts } = by.grid;
      const grid = [room.put(lows), room.put(steps), room.put(counts)] as const;
      const scale = [room.put(by.shifts), room.put(by.scales)] as const;
      const columns = by.shifts.length;
      const size = by.components;
      wasm.codeNumbers(
        kind,
        n,
        columns,
        present,
        symbols,
        ...grid,
        ...scale,
        first,
        second,
        third,
        size,
        decode,
      );
    }
  }
}
