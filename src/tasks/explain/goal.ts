// What a row is to be changed for: a class, a number, a latent or a score that it does not have now.
import { ElboError } from "../../base/errors.ts";
import { nearest } from "../../base/suggest.ts";
import type { Group } from "../../fields/groups/index.ts";
import type { PackedRows } from "../../fields/pack.ts";
import type { Tensor } from "../../graph/index.ts";
import { scoreGraph } from "../../models/exported.ts";
import { encodingGraph } from "../../models/graphs.ts";
import { predictedGroups, predictionGraph } from "../../models/inference-graphs.ts";
import { levelsAt } from "../../train/calibration.ts";
import { PackedUse } from "../packed-use.ts";
import type { Run, TaskOptions } from "../run.ts";

export interface Said {
  /** How far each row is from the goal, on the goal's own scale; below 0 where it is met. */
  margin: Float64Array;
  /** What each row is now: a class, or a number. */
  values: (string | number)[];
}

export interface Goal {
  say(packed: PackedRows): Promise<Said>;
  release(): Promise<void>;
}

interface Kind {
  outputs: Record<string, Tensor>;
  read(outputs: ReadonlyMap<string, Float32Array>, rows: number): Said;
}

const refused = (message: string, hint: string) =>
  new ElboError({ code: "option-value", kind: "usage", message, hint });

function towards(sign: string, text: string, goal: string): (value: number) => number {
  const wanted = Number(text);
  if ((sign === "<" || sign === ">") && text.trim() !== "" && Number.isFinite(wanted)) {
    return (value) => (sign === "<" ? value - wanted : wanted - value);
  }
  throw refused(`--until ${goal}: a number below or above one is wanted`, "Write it as score<20.");
}

function ofNumber(
  output: Tensor,
  margin: (value: number) => number,
  read: (all: Float32Array, rows: number) => ArrayLike<number>,
): Kind {
  return {
    outputs: { value: output },
    read(outputs, rows) {
      const values = Array.from(read(outputs.get("value")!, rows));
      return { values, margin: Float64Array.from(values, margin) };
    },
  };
}

function ofTarget(run: Run, group: Group, at: number, sign: string, wanted: string): Kind {
  const { schema, model } = run.config;
  const field = group.layout.fields[at]!;
  const { name } = group.layout;
  const outputs = { [name]: predictionGraph(schema, model)[name]! };
  const truths = field.kind === "binary" && !field.boolean ? ["0", "1"] : ["false", "true"];
  const levels = field.kind === "binary" ? truths : "levels" in field ? field.levels : null;
  const goal = `${field.name}${sign}${wanted}`;
  if (levels === null) {
    const margin = towards(sign, wanted, goal);
    return ofNumber(outputs[name]!, margin, (all, rows) => {
      const column = group.columns(all, rows)[at]!;
      return column.values as Float64Array;
    });
  }
  const code = levels.indexOf(wanted);
  if (sign !== "=" || code < 0) {
    throw refused(
      `--until ${goal}: ${field.name} is one of ${levels.slice(0, 10).join(", ")}`,
      `Write it as ${field.name}=${nearest(wanted, levels) ?? levels[0]}.`,
    );
  }
  return {
    outputs,
    read(all, rows) {
      const values: string[] = [];
      const margin = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        const shares = levelsAt(group, all.get(name)!, row, at);
        values.push(levels[shares.indexOf(Math.max(...shares))]!);
        margin[row] = Math.max(...shares.filter((_, k) => k !== code)) - shares[code]!;
      }
      return { values, margin };
    },
  };
}

function kindOf(run: Run, goal: string): Kind {
  const { schema, model } = run.config;
  const groups = predictedGroups(schema, model);
  const targets = groups.flatMap(({ layout }) => layout.fields.map(({ name }) => name));
  const latents = Array.from({ length: model.latent }, (_, j) => `z${j}`);
  const [, name = "", sign = "", wanted = ""] = /^(.+?)([=<>])(.*)$/.exec(goal) ?? [];
  for (const group of groups) {
    const at = group.layout.fields.findIndex((field) => field.name === name);
    if (at >= 0) return ofTarget(run, group, at, sign, wanted);
  }
  if (name === "score") {
    const margin = towards(sign, wanted, goal);
    return ofNumber(scoreGraph(schema, model).score, margin, (all) => all);
  }
  const latent = latents.indexOf(name);
  if (latent >= 0) {
    const margin = towards(sign, wanted, goal);
    return ofNumber(encodingGraph(schema, model).mean, margin, (all, rows) =>
      Float64Array.from({ length: rows }, (_, i) => all[i * model.latent + latent]!),
    );
  }
  throw refused(
    `--until is a target's class or number, score or a latent, and what it is to be; received "${goal}"`,
    `Write it as ${[...targets.map((target) => `${target}=…`), "score<20", "z0>1"].join(" or ")}.`,
  );
}

/** @param text `species=Gentoo`, `price>1000`, `score<20`, `z0>1.5`. The caller releases it. */
export async function goalOf(run: Run, text: string, options: TaskOptions): Promise<Goal> {
  const { outputs, read } = kindOf(run, text);
  const use = await PackedUse.create(run, outputs, options);
  return {
    say: async (packed) => read(await use.run(packed, Object.keys(outputs)), packed.rows),
    release: () => use.release(),
  };
}
