// Training: gradients of whole models and steps of every optimiser, against PyTorch.
import { layoutOf, noiseInput, rowsInput } from "#elbo/fields/layout.js";
import { constant, gradients, input, parameter, toOnnx } from "#elbo/graph/index.js";
import { INVERSE_BATCH, KL_WEIGHT, trainingGraph } from "#elbo/models/graphs.js";
import { createTrainer } from "#elbo/runtime/create-trainer.js";
import { allocate, type Device } from "#elbo/runtime/device.js";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { type OptimizerSettings, optimizerDefaults } from "#elbo/runtime/optimizers.js";
import type { Slot } from "#elbo/runtime/slots.js";
import type { Trainer } from "#elbo/runtime/trainer.js";
import losses from "../../fixtures/losses.json" with { type: "json" };
import optimizers from "../../fixtures/optimizers.json" with { type: "json" };
import trajectories from "../../fixtures/trajectories.json" with { type: "json" };
import { type Case, expectClose, range } from "./case.ts";
import {
  type Fixture,
  type FixtureModel,
  fixtureModels,
  fromFixture,
  type Trajectory,
} from "./models.ts";

/** The name of the one group's rows among a model's inputs. */
const rowsOf = ({ schema }: FixtureModel) => rowsInput(layoutOf(schema)[0]!);

/** Errors of float32 add up over the layers; the second model's gradients reach 30. */
const TOLERANCE = 2e-5;

function gradientCase(name: string, model: FixtureModel, fixture: Fixture): Case {
  return {
    name: `loss and gradients of ${name}`,
    async run(device) {
      const graph = trainingGraph(model.schema, model.model);
      const tensors = graph.parameters.tensors();
      const named = gradients(graph.loss, tensors).map((gradient, i) => [
        `gradient/${graph.parameters.specs[i]!.name}`,
        gradient,
      ]);
      const onnx = toOnnx({ loss: graph.loss, ...Object.fromEntries(named) });
      const executable = await device.compile(onnx);
      const batch = fixture.x.shape[0]!;
      const buffers = allocate([...onnx.inputs, ...onnx.parameters, ...onnx.outputs], batch);
      buffers[rowsOf(model)]!.set(model.rows(fixture.x));
      buffers[noiseInput("normal")]!.set(fixture.epsilon.data);
      buffers[INVERSE_BATCH]!.fill(1 / batch);
      for (const [key, values] of fromFixture(model, fixture.parameters)) buffers[key]!.set(values);
      const run = executable.bind(batch, buffers);
      for (const [beta, expected] of Object.entries(fixture.beta)) {
        buffers[KL_WEIGHT]!.fill(Number(beta));
        await run();
        expectClose(buffers["loss"]!, [expected.loss], `loss at β = ${beta}`, TOLERANCE);
        for (const [key, values] of fromFixture(model, expected.gradients)) {
          const label = `gradient of ${key} at β = ${beta}`;
          expectClose(buffers[`gradient/${key}`]!, values, label, TOLERANCE);
        }
      }
      await executable.release();
    },
  };
}

/** Puts values into the inputs of a trainer. */
function feed(trainer: Trainer, values: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, list] of Object.entries(values)) {
    trainer.memory.view(trainer.inputs.get(name) as Slot<"float32">).set(list);
  }
}

function trajectoryCase(
  name: string,
  model: FixtureModel,
  fixture: Fixture,
  expected: Trajectory,
): Case {
  return {
    name: `five steps of Adam on ${name}`,
    async run(device) {
      const { loss, metrics, parameters } = trainingGraph(model.schema, model.model);
      const batch = fixture.x.shape[0]!;
      const steps = [{ loss, metrics, parameters: parameters.tensors(), assignments: [] }];
      const optimizer = { ...optimizerDefaults.adam, learningRate: 0.01 };
      // Room for more rows than come, as in the last step of an epoch.
      const definition = { steps, optimizer, batch: batch + 2 };
      const trainer = await createTrainer(device, definition, new MemoryPlan());
      await trainer.restore(fromFixture(model, fixture.parameters));
      feed(trainer, {
        [rowsOf(model)]: model.rows(fixture.x),
        [noiseInput("normal")]: fixture.epsilon.data,
        [INVERSE_BATCH]: [1 / batch],
        [KL_WEIGHT]: [1],
      });
      for (const [i, value] of expected.losses.entries()) {
        const [received] = await trainer.step(0, batch, i + 1, optimizer.learningRate);
        expectClose([received!], [value], `loss before step ${i + 1}`, TOLERANCE);
      }
      const trained = await trainer.parameters();
      for (const [key, values] of fromFixture(model, expected.parameters)) {
        expectClose(trained.get(key)!, values, key, TOLERANCE);
      }
      await trainer.release();
    },
  };
}

interface OptimizerFixture {
  settings: { name: OptimizerSettings["name"]; [key: string]: unknown };
  clip: number | null;
  trajectory: { parameters: number[][] }[];
}

const lengths = optimizers.start.map((values) => values.length);
const names = lengths.map((_, i) => `p${i}`);
const given = lengths.map((length, i) => input(`g${i}`, [length]));
const learned = lengths.map((length, i) => parameter(`p${i}`, [length]));

/** Trains p0, p1, … of which the gradients are the inputs g0, g1, …, in one step or in two. */
function pulled(device: Device, each: OptimizerFixture, split: boolean): Promise<Trainer> {
  const defaults = optimizerDefaults[each.settings.name];
  const optimizer = { ...defaults, ...each.settings } as OptimizerSettings;
  const sums = learned.map((p, i) => p.mul(given[i]!).sum());
  const loss = sums.reduce((a, b) => a.add(b));
  const sets = split ? learned.map((p) => [p]) : [learned];
  const steps = sets.map((parameters) => ({ loss, metrics: [loss], parameters, assignments: [] }));
  const clipNorm = each.clip === null ? {} : { clipNorm: each.clip };
  return createTrainer(device, { steps, optimizer, batch: 1, ...clipNorm }, new MemoryPlan());
}

function titleOf({ settings, clip }: OptimizerFixture): string {
  const { name, ...rest } = settings;
  return `${name} ${JSON.stringify(rest)}${clip === null ? "" : ` clipped at ${clip}`}`;
}

function optimizerCase(each: OptimizerFixture): Case {
  return {
    name: `the trainer's ${titleOf(each)}`,
    async run(device) {
      const rate = each.settings["learningRate"] as number;
      const trainer = await pulled(device, each, false);
      const start = names.map((name, i): [string, Float32Array] => [
        name,
        Float32Array.from(optimizers.start[i]!),
      ]);
      await trainer.restore(new Map(start));
      for (const [step, { parameters }] of each.trajectory.entries()) {
        const pulls = range(lengths.length).map((i) => [`g${i}`, optimizers.gradients[step]![i]!]);
        feed(trainer, Object.fromEntries(pulls));
        await trainer.step(0, 1, step + 1, rate);
        const state = await trainer.parameters();
        for (const [i, values] of parameters.entries()) {
          expectClose(state.get(`p${i}`)!, values, `p${i} after step ${step + 1}`, 2e-6);
        }
      }
      await trainer.release();
    },
  };
}

const adam = (optimizers.cases as OptimizerFixture[]).find(({ settings, clip }) => {
  return settings.name === "adam" && clip === null;
})!;

export const training: Case[] = [
  ...(["mlpVaeBernoulli", "convVaeBernoulli"] as const).flatMap((name) => [
    gradientCase(name, fixtureModels[name], losses[name]),
    trajectoryCase(name, fixtureModels[name], losses[name], trajectories[name]),
  ]),
  ...(optimizers.cases as OptimizerFixture[]).map(optimizerCase),
  {
    name: "steps over two sets of parameters leave each other's alone, and keep moments apart",
    async run(device) {
      const trainer = await pulled(device, adam, true);
      const ones = names.map((name, i): [string, Float32Array] => [
        name,
        new Float32Array(lengths[i]!).fill(1),
      ]);
      await trainer.restore(new Map(ones));
      feed(trainer, Object.fromEntries(names.map((_, i) => [`g${i}`, lengths.map(() => 1)])));
      await trainer.step(1, 1, 1, 0.25);
      const state = await trainer.parameters();
      expectClose(state.get("p0")!, new Array(lengths[0]!).fill(1), "the first set");
      expectClose(state.get("p1")!.slice(0, 2), [0.75, 0.75], "the second set", 1e-5);
      const moments = await trainer.moments();
      expectClose(moments.get("first/p0")!, new Array(lengths[0]!).fill(0), "its moment");
      expectClose(moments.get("first/p1")!.slice(0, 2), [0.1, 0.1], "the other's moment");
      await trainer.release();
    },
  },
  {
    name: "averages follow trained and assigned parameters, at once first and then by their decay",
    async run(device) {
      const [trained, kept] = [parameter("p", [2]), parameter("q", [3])];
      const loss = trained.mul(input("g", [2])).sum();
      const assignments = [{ parameter: kept, change: kept.mul(0.5) }];
      const trainer = await createTrainer(
        device,
        {
          steps: [{ loss, metrics: [loss], parameters: [trained], assignments }],
          optimizer: optimizerDefaults.sgd,
          averageDecay: 0.5,
          batch: 1,
        },
        new MemoryPlan(),
      );
      const start = { p: [1, -2], q: [4, 8, -16] };
      const state = Object.entries(start).flatMap(([name, values]) =>
        [name, `average/${name}`].map((key) => [key, Float32Array.from(values)] as const),
      );
      await trainer.restore(new Map(state));
      feed(trainer, { g: [1, 2] });
      const now = { p: [...start.p], q: [...start.q] };
      const average = { p: [...start.p], q: [...start.q] };
      for (let count = 1; count <= 20; count++) {
        await trainer.step(0, 1, count, 0.1);
        now.p = now.p.map((value, i) => value - 0.1 * [1, 2][i]!);
        now.q = now.q.map((value) => value / 2);
        const decay = Math.min(0.5, (1 + count) / (10 + count));
        for (const name of ["p", "q"] as const) {
          average[name] = average[name].map((a, i) => decay * a + (1 - decay) * now[name][i]!);
          const received = (await trainer.averages()).get(name)!;
          expectClose(received, average[name], `average of ${name} after ${count}`, 2e-6);
          expectClose((await trainer.parameters()).get(name)!, now[name], name, 2e-6);
        }
      }
      const moments = await trainer.moments();
      expectClose(moments.get("average/p")!, average.p, "p's among the moments", 2e-6);
      await trainer.release();
    },
  },
  {
    name: "assignments take what a step says, once, and have no moments",
    async run(device) {
      const [trained, kept] = [parameter("p", [2]), parameter("q", [3])];
      const loss = trained.mul(input("g", [2])).sum();
      const assignments = [{ parameter: kept, change: kept.sub(constant([1, 2, 3])).mul(0.5) }];
      const trainer = await createTrainer(
        device,
        {
          steps: [{ loss, metrics: [loss], parameters: [trained], assignments }],
          optimizer: { ...optimizerDefaults.adam, weightDecay: 0.1 },
          clipNorm: 1e-3,
          batch: 1,
        },
        new MemoryPlan(),
      );
      const zeros = (size: number) => new Float32Array(size);
      await trainer.restore(new Map(Object.entries({ p: zeros(2), q: zeros(3) })));
      feed(trainer, { g: [1, 1] });
      for (const step of [1, 2]) await trainer.step(0, 1, step, 0.25);
      expectClose((await trainer.parameters()).get("q")!, [0.75, 1.5, 2.25], "assigned", 1e-6);
      expectClose((await trainer.moments()).get("first/q") ?? zeros(3), [0, 0, 0], "its moment");
      await trainer.release();
    },
  },
  {
    name: "a trainer restored from another's state goes on as the other",
    async run(device) {
      const [first, second] = [
        await pulled(device, adam, false),
        await pulled(device, adam, false),
      ];
      const pulls = names.map((_, i) => [`g${i}`, optimizers.gradients[0]![i]!]);
      for (const trainer of [first, second]) feed(trainer, Object.fromEntries(pulls));
      await first.step(0, 1, 1, 0.1);
      await first.step(0, 1, 2, 0.1);
      await second.restore(new Map([...(await first.parameters()), ...(await first.moments())]));
      await first.step(0, 1, 3, 0.1);
      await second.step(0, 1, 3, 0.1);
      const [one, other] = [await first.parameters(), await second.parameters()];
      for (const name of names) expectClose(other.get(name)!, one.get(name)!, name, 0);
      await first.release();
      await second.release();
    },
  },
];
