// What schedules learn at which batch, and an encoder that leads.
import { join } from "node:path";
import { expect, test } from "vitest";
import { train } from "#elbo/index.js";
import type { EpochEvent, TrainEvent } from "#elbo/train/events.js";
import { planOf } from "#elbo/train/plan.js";
import { readRun } from "#elbo/train/run.js";
import { testFolder } from "../helpers/folder.ts";
import { correlated } from "./support.ts";

const data = correlated(600, 5);

test("kinds of steps: all at once, in turn by epochs, ten to one while the encoder leads", async () => {
  const out = join(testFolder(), "run");
  await train(data, { out, epochs: 1 });
  const config = await readRun(out);
  const kinds = (schedule: (typeof config)["training"]["schedule"], leads: boolean) => {
    const { stepsOf } = planOf({ ...config, training: { ...config.training, schedule } }, 1);
    return [0, 1].map((epoch) =>
      Array.from({ length: 12 }, (_, step) => stepsOf({ epoch, step, leads })[0]),
    );
  };
  const twelve = (kind: number) => new Array(12).fill(kind);
  expect(kinds("joint", false)).toEqual([twelve(0), twelve(0)]);
  expect(kinds("two-phase", false)).toEqual([twelve(0), twelve(1)]);
  expect(kinds("aggressive", false)).toEqual([twelve(0), twelve(0)]);
  const leading = [...new Array(10).fill(1), 2, 1];
  expect(kinds("aggressive", true)).toEqual([leading, leading]);
  const { steps } = planOf(
    { ...config, training: { ...config.training, schedule: "aggressive" } },
    1,
  );
  const names = steps.map(({ parameters }) =>
    parameters.map(({ attributes }) => String(attributes["name"]).split(".")[0]),
  );
  expect(new Set(names[1])).toEqual(new Set(["encoder"]));
  expect(names[0]!.length).toBe(names[1]!.length + names[2]!.length);
});

test("the encoder leads as long as each epoch's latents tell more than the last one's", async () => {
  const events: EpochEvent[] = [];
  const onEvent = (event: TrainEvent) => {
    if (event.event === "epoch") events.push(event);
  };
  const out = join(testFolder(), "run");
  await train(data, { out, epochs: 60, schedule: "aggressive", seed: 2 }, { onEvent });
  const nats = events.map(({ figures }) => figures?.information?.mutualInformation ?? null);
  // Measured at each epoch while it leads; afterwards at every third of sixty.
  const rises = nats.findIndex((value, i) => value! <= (i === 0 ? 0 : nats[i - 1]!));
  expect(rises).toBeGreaterThan(0);
  expect(nats.slice(0, rises + 1).every((value) => value !== null)).toBe(true);
  const later = nats.slice(rises + 1);
  expect(later.filter((value) => value !== null).length).toBeLessThan(later.length / 2);
});

test.each([
  ["a method without a posterior", { method: "ae" }, "no"],
  ["no rows held out", { validation: 0 }, "held out"],
] as const)("%s has no encoder that leads", async (_, more, said) => {
  const given = { epochs: 1, schedule: "aggressive", out: join(testFolder(), "run") } as const;
  const error = await train(data, { ...given, ...more }).catch((e) => e);
  expect(error).toMatchObject({ code: "options-contradict" });
  expect(error.message).toContain(said);
});
