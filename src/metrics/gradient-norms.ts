// How strong a step's gradient is, part by part, and which units it does not reach.

const isUnits = (name: string) => /^(encoder|decoder)\..*\.bias$/.test(name);

/**
 * Euclidean norms of the gradient of each part: what parameters' names begin with, `encoder`,
 * `decoder`, `prior`.
 */
export function partNorms(
  gradients: ReadonlyMap<string, ArrayLike<number>>,
): Record<string, number> {
  const squares: Record<string, number> = {};
  for (const [name, values] of gradients) {
    const part = name.split(".")[0]!;
    let sum = squares[part] ?? 0;
    for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
    squares[part] = sum;
  }
  return Object.fromEntries(
    Object.entries(squares).map(([part, square]) => [part, Math.sqrt(square)]),
  );
}

/**
 * Of each layer, the share of its units whose bias has a gradient of exactly 0: units that no row
 * of the batch has passed. Layers that all units of pass are left out.
 */
export function silentUnits(
  gradients: ReadonlyMap<string, ArrayLike<number>>,
): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const [name, values] of gradients) {
    if (!isUnits(name)) continue;
    const silent = Array.from(values).filter((value) => value === 0).length;
    if (silent > 0) shares[name.slice(0, -".bias".length)] = silent / values.length;
  }
  return shares;
}
