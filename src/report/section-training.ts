// The part of a report about training: its course, what the doctor found, and what latents came to hold.
import { counted } from "../base/words.ts";
import { evenly } from "../tasks/raw-rows.ts";
import type { EpochEvent } from "../train/events.ts";
import type { Charts } from "./charts.ts";
import type { ReportFacts } from "./facts.ts";
import { figureText as figure, type Html, html, table } from "./html.ts";

/** Points of a curve; more are no wider than a pixel. */
const MOST_POINTS = 400;
/** Latents that have a bar. */
const MOST_BARS = 40;

type Pick = (epoch: EpochEvent) => number | null | undefined;

function points(epochs: readonly EpochEvent[], pick: Pick) {
  return epochs.flatMap((epoch) => {
    const y = pick(epoch);
    return typeof y === "number" && Number.isFinite(y) ? [{ x: epoch.epoch, y }] : [];
  });
}

function curve(
  charts: Charts,
  { epochs, run }: ReportFacts,
  title: string,
  unit: string,
  [train, held]: readonly [Pick, Pick],
): Html | null {
  const some = evenly(epochs.length, MOST_POINTS).map((i) => epochs[i]!);
  const lines = [
    { name: "training", points: points(some, train) },
    { name: "held out", points: points(some, held) },
  ].filter((line) => line.points.length > 0);
  if (lines.length === 0) return null;
  const ends = lines.map(
    ({ name, points: all }) => `${name} from ${figure(all[0]!.y)} to ${figure(all.at(-1)!.y)}`,
  );
  const description = `${title} by epoch: ${ends.join("; ")}. The weights of epoch ${run.epoch} were kept.`;
  const drawn = charts.curves({ title, description }, unit, lines, run.epoch);
  return html`<figure><h3>${title}</h3>${drawn.chart}<figcaption>Solid: rows that train${lines.length > 1 ? "; dashed: rows held out" : ""}.${drawn.cut && " Values of first epochs that are far off are drawn at the edge."}</figcaption></figure>`;
}

export function trainingSection(facts: ReportFacts, charts: Charts): Html {
  const { epochs, run, diagnoses } = facts;
  const probabilistic = epochs.some(({ train }) => train.elbo !== null);
  const planned = run.config.training.epochs;
  const main = probabilistic
    ? curve(charts, facts, "ELBO", "nats a row", [
        ({ train }) => train.elbo,
        ({ validation }) => validation?.elbo,
      ])
    : curve(charts, facts, "Loss", "loss", [
        ({ train }) => train.loss,
        ({ validation }) => validation?.loss,
      ]);
  const kl = probabilistic
    ? curve(charts, facts, "KL: what latents tell, and cost", "nats a row", [
        ({ train }) => train.kl,
        ({ validation }) => validation?.kl,
      ])
    : null;
  const target = curve(charts, facts, "Targets: −log p", "nats a row", [
    ({ train }) => train.target,
    ({ validation }) => validation?.target,
  ]);
  const found =
    diagnoses.length === 0
      ? html`<p>Nothing was found wrong with it.</p>`
      : diagnoses.map(
          ({ what, why, remedy }) =>
            html`<div class="card finding"><h3>${what}</h3><p>Why: ${why}.</p><p>What to do: ${remedy}</p></div>`,
        );
  return html`<p>${counted(epochs.length, "epoch")}${epochs.length < planned ? ` of ${planned}` : ""}; the weights of epoch ${run.epoch} are the model.</p><div class="pair">${main}${kl}${target}</div><h3>What training found</h3>${found}`;
}

export function latentSection({ evaluation, run }: ReportFacts, charts: Charts): Html | null {
  if (!evaluation) return null;
  const { klPerLatent, activeUnits } = evaluation.report;
  const { latent } = run.config.model;
  const used =
    activeUnits === latent
      ? (["Its one latent is in use.", "Both latents are in use."][latent - 1] ??
        `All ${latent} latents are in use.`)
      : `${activeUnits} of ${counted(latent, "latent")} ${activeUnits === 1 ? "is" : "are"} in use: the means of the others are the same in every row.`;
  if (!klPerLatent) return html`<p>${used}</p>`;
  const bars = klPerLatent
    .map((value, j) => ({ name: `z${j}`, value, text: value.toFixed(2) }))
    .sort((a, b) => b.value - a.value);
  const shown = bars.slice(0, MOST_BARS);
  const title = "KL of each latent";
  const description = `Nats a row, the largest first: ${shown.map(({ name, text }) => `${name} ${text}`).join(", ")}.`;
  const rest = bars.slice(MOST_BARS);
  return html`<p>${used}</p><figure>${charts.bars({ title, description }, "KL, nats a row", shown)}<figcaption>How far each latent's posterior is from the prior: what it can tell of a row.</figcaption></figure>${
    rest.length > 0 &&
    html`<details><summary>${counted(rest.length, "more latent")}</summary>${table(
      "KL of the other latents",
      ["latent", "KL"],
      rest.map(({ name, text }) => [name, text]),
      "numbers",
    )}</details>`
  }`;
}
