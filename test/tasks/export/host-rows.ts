// New rows as elbo sample makes them, but of noise that is given: what exported files draw of the same.
import type { ColumnValues } from "#elbo/fields/columns.js";
import type { Group } from "#elbo/fields/groups/index.js";
import { noiseInput } from "#elbo/fields/layout.js";
import {
  decodedGroups,
  drawnName,
  LATENT,
  priorGraph,
  samplingGraph,
} from "#elbo/models/graphs.js";
import { LATENTS, latentDraws, priorDraws, showsMean } from "#elbo/models/row-draws.js";
import { drawLevel } from "#elbo/prob/draws.js";
import { type FittedMixture, mixtureDraw } from "#elbo/prob/mixture-fit.js";
import { wholeBatch } from "#elbo/runtime/runner.js";
import type { Draws } from "#elbo/runtime/sequence.js";
import type { Run } from "#elbo/tasks/run.js";
import { compileFor } from "#elbo/tasks/stream.js";
import { writersFor } from "#elbo/tasks/writing.js";

export interface Noise {
  /** `(rows, n)` each. */
  normals: Float32Array;
  uniforms: Float32Array;
}

/** Raw columns by field, and likelihoods' parameters by field and name. */
export async function hostRows(
  run: Run,
  rows: number,
  { normals, uniforms }: Noise,
  mixture: FittedMixture | null,
) {
  const { schema, model } = run.config;
  const [n, u] = [normals.length / rows, uniforms.length / rows];
  const draws = Array.from({ length: rows }, (_, row): Draws => {
    let [i, j] = [row * n, row * u];
    return { normal: () => normals[i++]!, uniform: () => uniforms[j++]! };
  });
  const sampler = mixture ? mixtureDraw(mixture) : priorGraph(schema, model)!.prior.fixedDraw;
  const drawn = mixture ? latentDraws(sampler) : priorDraws(schema, model)!;
  const drawer = await compileFor(run, drawn, wholeBatch(rows), { threads: 1 });
  for (const sort of ["normal", "uniform"] as const) {
    const slot = drawer.inputs.get(noiseInput(sort));
    if (!slot) continue;
    const noise = drawer.memory.view(slot);
    const count = sampler.noise[sort];
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < count; i++) noise[row * count + i] = draws[row]![sort]();
    }
  }
  await drawer.run(rows);
  const graph = samplingGraph(schema, model, mixture ? "latent" : "prior");
  const runner = await compileFor(run, graph, wholeBatch(rows), { threads: 1 });
  const latents = runner.memory.view(runner.inputs.get(LATENT)!) as Float32Array;
  latents.set(drawer.output(LATENTS).subarray(0, rows * model.latent));
  await drawer.release();
  await runner.run(rows);
  const columns = new Map<string, ColumnValues>();
  const parameters = new Map<string, Float32Array>();
  const groups = decodedGroups(schema, model);
  const emitted = (group: Group, k: number) => {
    const all = runner.output(drawnName(group.layout.name, k));
    return all.slice(0, (all.length / runner.batch) * rows);
  };
  for (const group of groups) {
    const { likelihood, layout, values: size } = group;
    if (group.written) {
      // Symbols of a text take a number each, whether it has ended or not.
      const { places } = group.written;
      const own = draws.map(({ uniform }) => Array.from({ length: places }, uniform));
      const writers = await writersFor(run, [group], rows, { threads: 1 });
      const next = own.map(() => 0);
      const codes = await writers.write(
        rows,
        () => emitted(group, 0),
        (logits, row) => {
          const uniform = () => own[row]![next[row]!++]!;
          return drawLevel({ uniform, normal: uniform }, logits);
        },
      );
      await writers.release();
      columns.set(layout.fields[0]!.name, group.columns(codes.get(group)!, rows)[0]!);
      continue;
    }
    const given = (likelihood?.parameters ?? [null]).map((_, k) => emitted(group, k));
    let drawn = given[0]!;
    if (likelihood && showsMean(group)) drawn = drawn.map((logit) => 1 / (1 + Math.exp(-logit)));
    else if (likelihood?.fixedDraw) {
      drawn = new Float32Array(rows * size);
      for (let row = 0; row < rows; row++) {
        const own = given.map((all) => {
          const width = all.length / rows;
          return all.subarray(row * width, (row + 1) * width);
        });
        likelihood.sample(own, drawn.subarray(row * size, (row + 1) * size), draws[row]!);
      }
    } else if (likelihood) {
      for (const [k, { name, size: depth }] of likelihood.parameters.entries()) {
        for (const [j, field] of layout.fields.entries()) {
          const fields = layout.fields.length;
          const width = size === fields ? depth : size * depth;
          const own = Float32Array.from({ length: rows * width }, (_, i) => {
            const [row, part] = [Math.floor(i / width), i % width];
            return given[k]![row * fields * width + j * width + part]!;
          });
          parameters.set(`${field.name}.${name}`, own);
        }
      }
      continue;
    }
    for (const [j, each] of group.columns(drawn, rows).entries()) {
      columns.set(layout.fields[j]!.name, each);
    }
  }
  await runner.release();
  return { columns, parameters };
}
