// Where a device is less precise than float32's rounding, and why: the one list. A case that is
// not here holds on every device as it stands.
import type { Device, DeviceName } from "#elbo/runtime/device.js";

interface Limit {
  device: DeviceName;
  /** Error over (1 + |value|). */
  tolerance: number;
  reason: string;
}

const limits: Readonly<Record<string, Limit>> = {
  sin: {
    device: "webgpu",
    tolerance: 2 ** -11,
    reason: "WGSL promises sin and cos within 2⁻¹¹ on [−π, π] and nothing beyond",
  },
  cos: {
    device: "webgpu",
    tolerance: 2 ** -11,
    reason: "WGSL promises sin and cos within 2⁻¹¹ on [−π, π] and nothing beyond",
  },
  "negative-binomial": {
    device: "webgpu",
    tolerance: 2e-4,
    reason: "WGSL promises exp(x) within 3 + 2|x| units in the last place, of means up to exp(13)",
  },
  "zero-inflated-negative-binomial": {
    device: "webgpu",
    tolerance: 2e-4,
    reason: "WGSL promises exp(x) within 3 + 2|x| units in the last place, of means up to exp(13)",
  },
  expm1: {
    device: "webgpu",
    tolerance: (3 + 2 * 87) * 2 ** -23,
    reason: "WGSL promises exp(x) within 3 + 2|x| units in the last place, and 87 is the largest x",
  },
};

/** The tolerance of a case on a device: its limit there, else `usual`. */
export function tolerance(device: Device, name: string, usual: number): number {
  const limit = limits[name];
  return limit?.device === device.name ? limit.tolerance : usual;
}
