// A whole run on WebGPU, under the software driver: training, a stop, resuming, validation.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { Random } from "#elbo/runtime/random.js";
import { loadModel, loadState } from "#elbo/train/checkpoint.js";
import { train } from "#elbo/train/train.js";
import { testFolder } from "../helpers/folder.ts";
import { gpuEnvironment, missingGpu } from "../helpers/software-gpu.ts";

const missing = missingGpu();
describe.skipIf(missing)(`webgpu${missing ? ` (${missing})` : ""}`, () => {
  test("a run stopped and resumed there ends with the weights of the CPU's", async () => {
    const folder = testFolder();
    const values = new Random(3).normal(100, 1, 60 * 5);
    const columns = ["a", "b", "c", "d", "e"];
    const options = { network: "mlp:8", latent: 2, epochs: 6, batch: 16, clip: 1 };
    const [cpu, gpu] = [join(folder, "cpu"), join(folder, "gpu")];
    await train(tableOf(values, columns), { ...options, device: "cpu", out: cpu });
    const request = {
      values: [...values],
      columns,
      options: { ...options, device: "webgpu", out: gpu },
    };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["test/train/webgpu-child.mjs", JSON.stringify(request)],
      { env: gpuEnvironment(folder) },
    );
    expect(JSON.parse(stdout)).toEqual({ interrupted: true, epochs: 6, device: "webgpu" });

    const [expected, received] = [await loadState(cpu), await loadState(gpu)];
    expect(received.progress.epoch).toBe(expected.progress.epoch);
    expect(received.progress.best!.epoch).toBe(expected.progress.best!.epoch);
    const pairs = [
      [expected.weights, received.weights],
      [expected.moments, received.moments],
      [(await loadModel(cpu)).weights, (await loadModel(gpu)).weights],
    ] as const;
    for (const [ours, theirs] of pairs) {
      expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort());
      for (const [name, want] of ours) {
        // 24 steps of Adam, each of at most 1e-3, from gradients that agree to 1e-6.
        const far = want.map((value, i) => Math.abs(value - theirs.get(name)![i]!));
        expect(Math.max(...far), name).toBeLessThan(1e-5);
      }
    }
  });
});
