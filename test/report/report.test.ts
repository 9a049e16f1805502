// A report's page: that every part is there, that it asks for nothing, that data stays data, and what it
// says where the data has gone.
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { columnsOf, imagesOf, tableOf } from "#elbo/data/in-memory.js";
import { report, reportTo } from "#elbo/report/report.js";
import { style } from "#elbo/report/style.js";
import { train } from "#elbo/report/training.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { TrainEvent } from "#elbo/train/events.js";
import { elboError } from "../helpers/errors.ts";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { MARKUP, tableRun } from "./table-run.ts";

const SECTIONS = [
  ...["baselines", "data", "training", "latents", "map", "reconstructions"],
  ...["traversals", "samples", "fit", "use"],
];

const matches = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, own]) => own!);

/** A section's HTML. */
const sectionOf = (page: string, id: string) =>
  new RegExp(`<section id="${id}"[\\s\\S]*?</section>`).exec(page)![0];

describe("of a table", () => {
  const folder = sharedFolder();
  let page = "";
  let made: Awaited<ReturnType<typeof tableRun>>;
  beforeAll(async () => {
    made = await tableRun(folder);
    page = await report(made.run, { threads: 1 });
  });

  test("every part is there, and none is without content", () => {
    expect(matches(page, /<section id="(\w+)"/g)).toEqual(SECTIONS);
    expect(matches(page, /<a href="#(\w+)"/g)).toEqual(SECTIONS);
    const ids = matches(page, / id="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of SECTIONS) expect(sectionOf(page, id).length, id).toBeGreaterThan(300);
    expect(page).toMatch(/<h1>[^<]+ on 24 rows held out of training/);
    expect(sectionOf(page, "data")).toContain("240 rows of");
    expect(sectionOf(page, "reconstructions").match(/reconstructed<\/span>/g)).toHaveLength(9);
    expect(sectionOf(page, "fit").match(/class="card"/g)).toHaveLength(8);
    expect(sectionOf(page, "baselines")).toContain("each column by itself");
  });

  test("every chart has a title and a description, and every picture a text", () => {
    const charts = matches(page, /(<svg[\s\S]*?<\/desc>)/g);
    expect(charts.length).toBeGreaterThan(8);
    for (const chart of charts) {
      const [, id] = /role="img" aria-labelledby="(chart-\d+)-t \1-d"/.exec(chart)!;
      expect(chart).toMatch(
        new RegExp(`<title id="${id}-t">[^<]{3,}</title><desc id="${id}-d">[^<]{20,}`),
      );
    }
  });

  test("nothing outside is named, and nothing but its own style and script is allowed", () => {
    expect(page.match(/(?:src|href|action|data)="(?!#|data:)/g)).toBeNull();
    expect(page).not.toMatch(
      /https?:\/\/(?!www\.w3\.org\/2000\/svg)|url\((?!["'+ ]*data)[^"]|@import/,
    );
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)![1]!;
    expect(policy.startsWith("default-src 'none'; img-src data:; ")).toBe(true);
    expect(policy).not.toContain("unsafe");
    for (const part of ["style", "script"]) {
      const [text] = matches(page, new RegExp(`<${part}>([\\s\\S]*?)</${part}>`, "g"));
      const hash = createHash("sha256").update(text!).digest("base64");
      expect(policy).toContain(`${part}-src 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/ style="| on\w+="/);
  });

  test("names and cells that are markup stay text", () => {
    expect(page).not.toContain(MARKUP);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;name&quot;");
    expect(page.match(/<script/g)).toHaveLength(2);
    const [json] = matches(
      page,
      /<script type="application\/json" id="map-data">([\s\S]*?)<\/script>/g,
    );
    const { fields } = JSON.parse(json!) as { fields: { name: string; levels?: string[] }[] };
    expect(fields.find(({ name }) => name.startsWith(MARKUP))?.levels).toEqual([MARKUP, "</td>'"]);
    expect(fields[0]!.name).toBe("person");
  });

  test("the same run gives the same bytes, and the file is those", async () => {
    const path = join(folder, "again.html");
    await reportTo(path, made.run, { threads: 1 });
    expect(readFileSync(path, "utf8")).toBe(page);
    expect((await elboError(() => reportTo(path, made.run))).code).toBe("output-exists");
  });

  test("data that has changed, or gone, is said to have; the run's own rows stand in", async () => {
    appendFileSync(made.data, `\n${readFileSync(made.data, "utf8").split("\n")[1]}`);
    const changed = sectionOf(await report(made.run, { threads: 1 }), "map");
    expect(changed).toContain("has changed: it has 241 rows and had 240.");
    renameSync(made.data, `${made.data}.away`);
    const gone = await report(made.run, { threads: 1 });
    expect(sectionOf(gone, "map")).toContain(
      "cannot be read any more. These are rows that the run kept",
    );
    expect(sectionOf(gone, "map")).not.toContain('"name":"person"');
    expect(sectionOf(gone, "baselines")).toBe(sectionOf(page, "baselines"));
    expect(sectionOf(gone, "data")).toBe(sectionOf(page, "data"));

    const bare = join(folder, "bare");
    cpSync(made.run, bare, { recursive: true });
    for (const name of ["reference.safetensors", "data.json"]) rmSync(join(bare, name));
    const left = await report(bare, { threads: 1 });
    expect(left).toContain("<h1>No rows were kept to judge this model by</h1>");
    expect(matches(left, /<section id="(\w+)"/g)).toEqual(SECTIONS);
    expect(sectionOf(left, "data")).toContain("keeps no account of its columns");
    expect(sectionOf(left, "reconstructions")).toContain("No rows are left to show it by");

    writeFileSync(join(bare, "data.json"), '{"rows": 3}');
    expect((await elboError(() => report(bare))).code).toBe("run-record");
    rmSync(join(bare, "data.json"));
    rmSync(join(bare, "metrics.jsonl"));
    expect((await elboError(() => report(bare))).code).toBe("file-missing");
  });
});

/** The luminance of `#rrggbb` (WCAG 2.2). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("texts have AA's contrast of 4.5 : 1 in both themes, and marks 3 : 1", () => {
  const [light, dark] = matches(style, /:root \{([^}]*)\}/g).map(
    (rules) =>
      new Map([...rules.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, k, v]) => [k!, v!])),
  ) as [Map<string, string>, Map<string, string>];
  for (const theme of [light, dark]) {
    const contrast = (a: string, b: string) => {
      const [x, y] = [luminance(theme.get(a)!), luminance(theme.get(b)!)].sort((p, q) => q - p);
      return (x! + 0.05) / (y! + 0.05);
    };
    for (const ground of ["ground", "card"]) {
      for (const ink of ["ink", "quiet", "first", "second"]) {
        expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThan(4.5);
      }
      for (let i = 0; i < 10; i++) expect(contrast(`c${i}`, ground), `c${i}`).toBeGreaterThan(3);
    }
    for (const state of ["good", "bad"]) {
      expect(contrast(state, `${state}-ground`), state).toBeGreaterThan(4.5);
      expect(contrast("ink", `${state}-ground`), state).toBeGreaterThan(4.5);
    }
  }
});

test("train writes it before it says that it is done; rows in memory are the run's own", async () => {
  const folder = testFolder();
  const values = new Random(1).normal(streams.synthetic, 0, 400);
  const events: TrainEvent[] = [];
  const data = imagesOf(
    Uint8Array.from({ length: 60 * 64 }, (_, i) => 128 + 60 * values[(i * 7) % 400]!),
    [8, 8, 1],
  );
  const run = join(folder, "run");
  const options = { out: run, latent: 2, epochs: 2, threads: 1 };
  const result = await train(data, options, { onEvent: (event) => events.push(event) });
  const done = events.at(-1)!;
  expect(done).toMatchObject({ event: "done", report: join(run, "report.html") });
  expect(result.report).toBe(join(run, "report.html"));
  expect(events.filter(({ event }) => event === "done")).toHaveLength(1);
  const page = readFileSync(join(run, "report.html"), "utf8");
  expect(matches(page, /<section id="(\w+)"/g)).toEqual(SECTIONS);
  expect(sectionOf(page, "reconstructions").match(/<img /g)).toHaveLength(12);
  expect(sectionOf(page, "samples")).toMatch(/<img class="grid" src="data:image\/png;base64,/);
  expect(sectionOf(page, "map")).toContain('"atlas":{"png":"data:image/png;base64,');
  for (const image of matches(page, /(<img [^>]*>)/g)) expect(image).toMatch(/ alt="[^"]{8,}"/);

  const quiet = await train(data, { ...options, out: join(folder, "quiet"), report: false });
  expect(quiet.report).toBeUndefined();
  expect(existsSync(join(folder, "quiet", "report.html"))).toBe(false);
});

test("a training that is stopped writes none", async () => {
  const run = join(testFolder(), "run");
  const controller = new AbortController();
  const stop = (event: TrainEvent) => event.event === "epoch" && controller.abort();
  const rows = Array.from({ length: 60 }, (_, i) => [i % 7, i % 5]);
  const hooks = { signal: controller.signal, onEvent: stop };
  const result = await train(tableOf(rows), { out: run, epochs: 200, threads: 1 }, hooks);
  expect(result.interrupted).toBe(true);
  expect(existsSync(join(run, "report.html"))).toBe(false);
});

test("an autoencoder of texts at a condition: what it is drawn at, and what has no meaning is left out", async () => {
  const run = join(testFolder(), "run");
  const words = ["red", "green", "blue"];
  const data = columnsOf({
    job: Array.from({ length: 80 }, (_, i) => ["nurse", "teacher"][i % 2]!),
    note: Array.from({ length: 80 }, (_, i) => `${words[i % 3]} ${words[((i * 5) % 7) % 3]}`),
    size: Array.from({ length: 80 }, (_, i) => (i % 3) + ((i * 7) % 10) / 10),
  });
  const options = { out: run, latent: 2, epochs: 1, threads: 1, method: "ae" as const };
  await train(data, { ...options, condition: ["job"], kind: { note: "text" }, report: false });
  const page = await report(run, { threads: 1 });
  const samples = sectionOf(page, "samples");
  for (const told of ["job: as in training rows", "nurse", "teacher"]) {
    expect(samples).toContain(told);
  }
  expect(sectionOf(page, "fit")).toContain("length of text; distance");
  expect(page).not.toContain("ELBO");
  expect(sectionOf(page, "latents")).not.toContain("<svg");
  expect(sectionOf(page, "use")).toContain("--where job=");
  expect(sectionOf(page, "map")).toContain("a table in memory, cannot be read any more");
});

test("500 columns stay readable: most are folded away", async () => {
  const run = join(testFolder(), "run");
  const values = new Random(2).normal(streams.synthetic, 0, 120 * 500);
  const options = { out: run, latent: 4, epochs: 1, threads: 1, network: "mlp:16" };
  await train(tableOf(values, 500), { ...options, report: false });
  const page = await report(run, { threads: 1 });
  const folds = matches(page, /<summary>([^<]*)<\/summary>/g);
  expect(folds).toContain("476 more columns");
  expect(folds).toContain("36 more fields that fit better");
  expect(folds).toContain("452 fields that fit better still");
  expect(sectionOf(page, "reconstructions")).toContain("The first 12 of 500 columns.");
  expect(page.length).toBeLessThan(8e6);
});
