// Which trainer a device gets.
import type { Device } from "./device.ts";
import { createDeviceTrainer } from "./device-trainer.ts";
import { createHostTrainer } from "./host-trainer.ts";
import type { MemoryPlan } from "./memory.ts";
import type { Exchange, Trainer, TrainerDefinition } from "./trainer.ts";

/**
 * A trainer of `definition`: in the device's memory where tensors can stay there, else in `plan`'s.
 * @param plan may hold other tensors already, such as the data set; it is allocated here.
 * Gradients are accumulated on the host, whatever the device.
 * @param exchange sums gradients over workers; with it they are on the host, as the others see
 * them there.
 */
export function createTrainer(
  device: Device,
  definition: TrainerDefinition,
  plan: MemoryPlan,
  exchange?: Exchange,
): Promise<Trainer> {
  return device.compileResident && !exchange && !definition.accumulates
    ? createDeviceTrainer(device.compileResident, definition, plan)
    : createHostTrainer(device, definition, plan, exchange);
}
