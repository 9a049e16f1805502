// What train returns: awaited a result, gone through its events.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnsOf, openRun, resume, type TrainEvent, train } from "#elbo/index.js";
import { testFolder } from "../helpers/folder.ts";

const data = columnsOf({
  a: Array.from({ length: 300 }, (_, i) => Math.sin(i)),
  b: Array.from({ length: 300 }, (_, i) => Math.cos(i) / (1 + (i % 7))),
});

test("a loop goes through all events in their order, and the result can be awaited besides", async () => {
  const out = join(testFolder(), "run");
  const told: TrainEvent[] = [];
  const training = train(data, { out, epochs: 3 }, { onEvent: (event) => told.push(event) });
  const seen: TrainEvent[] = [];
  for await (const event of training) seen.push(event);
  expect(seen).toEqual(told);
  const [first, last] = [seen[0]!.event, seen.at(-1)!.event];
  expect([first, last]).toEqual(["start", "done"]);
  expect(seen.filter(({ event }) => event === "epoch")).toHaveLength(3);
  expect(await training).toMatchObject({ run: out, epochs: 3, interrupted: false });
});

test("leaving the loop stops with a checkpoint, from which a loop over resume goes on", async () => {
  const out = join(testFolder(), "run");
  const training = train(data, { out, epochs: 500 });
  for await (const event of training) if (event.event === "epoch" && event.epoch === 2) break;
  // Left means ended: the run is there.
  expect(existsSync(join(out, "state.safetensors"))).toBe(true);
  const { epochs, interrupted } = await training;
  expect(interrupted).toBe(true);
  expect(epochs).toBeLessThan(500);
  let next = 0;
  for await (const event of resume(out, data)) {
    if (event.event !== "epoch") continue;
    next = event.epoch;
    break;
  }
  expect(next).toBeGreaterThanOrEqual(epochs);
  expect((await openRun(out)).config.training.epochs).toBe(500);
});

test("what goes wrong is thrown in the loop, and by the promise", async () => {
  const training = train(data, { out: join(testFolder(), "run"), latent: 0 });
  const loop = async () => {
    for await (const event of training) expect(event.event).toBe("warning");
  };
  await expect(loop()).rejects.toMatchObject({ code: "option-value" });
  await expect(training).rejects.toMatchObject({ code: "option-value" });
});

test("a caller's own signal stops it too", async () => {
  const [out, stop] = [join(testFolder(), "run"), new AbortController()];
  const training = train(data, { out, epochs: 500 }, { signal: stop.signal });
  for await (const event of training) if (event.event === "epoch") stop.abort();
  expect(await training).toMatchObject({ interrupted: true });
});
