// A report as one page that needs nothing else: its parts in order, its style and its script, which
// alone may apply and run.
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { counted, grouped } from "../base/words.ts";
import { methods } from "../models/methods/index.ts";
import { Charts } from "./charts.ts";
import type { ReportFacts } from "./facts.ts";
import { figureText as figure, Html, html, SCRIPT_END } from "./html.ts";
import { script } from "./script.ts";
import { baselineSection, verdictList } from "./section-baselines.ts";
import { dataSection } from "./section-data.ts";
import { fitSection } from "./section-fit.ts";
import {
  mapSection,
  reconstructionSection,
  sampleSection,
  traversalSection,
} from "./section-rows.ts";
import { latentSection, trainingSection } from "./section-training.ts";
import { useSection } from "./section-use.ts";
import { style } from "./style.ts";
import { headline } from "./verdict.ts";

interface Section {
  id: string;
  title: string;
  /** Null where the run has no such thing; `absent` says why. */
  body: Html | null;
  absent: string;
}

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const NO_ROWS = "No rows are left to show it by: the run kept none, and its data is gone.";

async function sectionsOf(facts: ReportFacts): Promise<Section[]> {
  const charts = await Charts.load();
  const section = (id: string, title: string, body: Html | null, absent = NO_ROWS): Section => ({
    ...{ id, title, body, absent },
  });
  return [
    section("baselines", "How good it is", baselineSection(facts)),
    section("data", "The data", dataSection(facts)),
    section("training", "How it trained", trainingSection(facts, charts)),
    section("latents", "Latents", latentSection(facts, charts)),
    section("map", "The latent map", mapSection(facts, charts)),
    section(
      "reconstructions",
      "Reconstructions, worst to best",
      await reconstructionSection(facts),
    ),
    section(
      "traversals",
      "What each latent does",
      await traversalSection(facts),
      "No latent is in use, or a condition cannot be given as one value.",
    ),
    section(
      "samples",
      "New rows",
      await sampleSection(facts),
      "The model draws no rows by itself: its conditions cannot be given as values, or a density of its latents has no rows to be fitted to.",
    ),
    section(
      "fit",
      "Generated beside the data",
      fitSection(facts, charts),
      "Without new rows and rows of the data there is nothing to compare.",
    ),
    section("use", "How to use it", useSection(facts)),
  ];
}

function figuresOf({ run, evaluation, epochs }: ReportFacts): Html {
  const { model, data } = run.config;
  const report = evaluation?.report;
  const all: [string, string, string][] = [
    ["rows", grouped(data.rows), ""],
    ["latents", String(model.latent), report ? `${report.activeUnits} in use` : ""],
    ["epochs", String(epochs.length), `${run.epoch} kept`],
  ];
  if (report?.elbo !== null && report) all.push(["ELBO", figure(report.elbo), "nats a row"]);
  if (report?.kl !== null && report) all.push(["KL", figure(report.kl), "nats a row"]);
  if (report?.bitsPerDim !== null && report)
    all.push(["bits per dim", figure(report.bitsPerDim), ""]);
  else if (report?.mse !== null && report) all.push(["mean squared error", figure(report.mse), ""]);
  return html`<dl class="figures">${all.map(([name, value, more]) => html`<div><dt>${name}</dt><dd>${value}${more && html` <small>${more}</small>`}</dd></div>`)}</dl>`;
}

export async function pageOf(facts: ReportFacts): Promise<string> {
  const { run } = facts;
  const { model, elbo } = run.config;
  const name = basename(run.folder);
  const sections = await sectionsOf(facts);
  const policy = `default-src 'none'; img-src data:; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}: report of a model</title>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<p class="kicker">${name}: ${methods[model.method].title}, ${counted(model.latent, "latent")}</p>
<h1>${headline(facts)}</h1>
${verdictList(facts)}
${figuresOf(facts)}
</header>
<nav aria-label="Parts of this report"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main>
${sections.map(({ id, title, body, absent }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body ?? html`<p class="note">${absent}</p>`}</section>\n`)}
</main>
<footer>Trained by elbo ${elbo}, seed ${run.config.training.seed}. This page asks nothing of any network.</footer>
<script>${new Html(script)}${SCRIPT_END}
</body>
</html>
`;
  return page.text;
}
