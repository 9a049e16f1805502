// The charts of a report: Observable Plot's, each with a title and a description for whom hears it.
// Colours are the page's variables, so that one drawing serves light and dark; what they tell apart
// differs in shape, too.
import type * as PlotModule from "@observablehq/plot";
import { Html, html } from "./html.ts";
import { SvgDocument, type SvgElement } from "./svg-document.ts";

type Plot = typeof PlotModule;
type PlotOptions = PlotModule.PlotOptions;

/** What stands for the data or training, and what for the model or held-out rows. */
export const [FIRST, SECOND] = ["var(--first)", "var(--second)"];

/** The fill alone stands out too little from the page. */
const FILLED = { fill: "var(--first-soft)", stroke: FIRST, strokeWidth: 0.75 };

/** Share of the epochs that count as early. */
const EARLY = 0.05;

const wholeTick = (x: number) => (Number.isInteger(x) ? String(x) : "");

export interface Told {
  title: string;
  description: string;
}

export class Charts {
  readonly #plot: Plot;
  #count = 0;

  private constructor(plot: Plot) {
    this.#plot = plot;
  }

  static async load(): Promise<Charts> {
    return new Charts(await import("@observablehq/plot"));
  }

  #draw({ title, description }: Told, options: PlotOptions, extra = ""): Html {
    const id = `chart-${++this.#count}`;
    const svg = this.#plot.plot({
      className: "plot",
      document: new SvgDocument() as unknown as Document,
      ...options,
    }) as unknown as SvgElement;
    svg.attributes.delete("font-size");
    svg.attributes.delete("font-family");
    const attributes = [...svg.attributes].map(
      ([name, value]) => html` ${new Html(name)}="${value}"`,
    );
    return html`<svg${attributes} role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>${new Html(svg.inner)}${new Html(extra)}</svg>`;
  }

  /** Two courses over epochs, the second dashed; a rule where the kept weights are of. */
  curves(
    told: Told,
    unit: string,
    lines: readonly { name: string; points: readonly { x: number; y: number }[] }[],
    kept: number,
  ): { chart: Html; cut: boolean } {
    const plot = this.#plot;
    const colours = [FIRST, SECOND];
    // The first epochs are far off, and would press the rest flat.
    const all = lines.flatMap(({ points }) => points);
    const last = Math.max(...all.map(({ x }) => x));
    const ys = all.filter(({ x }) => x > EARLY * last).map(({ y }) => y);
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    const margin = 0.06 * (high - low) || 1;
    const inside = (y: number) => Math.max(low - margin, Math.min(high + margin, y));
    const ends = lines.map(({ points }) => points.at(-1)?.y ?? 0);
    const above = (ends[1] ?? -Infinity) > ends[0]! ? 1 : 0;
    const cut = all.some(({ y }) => y !== inside(y));
    const chart = this.#draw(told, {
      ...{ width: 560, height: 310, marginLeft: 62, marginRight: 78 },
      ...{ marginTop: 34, marginBottom: 42 },
      x: { label: "epoch", tickFormat: wholeTick, ticks: 6 },
      y: { label: unit, grid: true, domain: [low - margin, high + margin], ticks: 6 },
      marks: [
        plot.ruleX([kept], { stroke: "var(--quiet)", strokeDasharray: "2,3" }),
        plot.text([kept], {
          x: (x: number) => x,
          frameAnchor: "top",
          text: () => "kept",
          dy: -12,
          fill: "var(--quiet)",
        }),
        ...lines.flatMap(({ name, points }, i) => [
          plot.line(points, {
            x: "x",
            y: ({ y }: { y: number }) => inside(y),
            stroke: colours[i]!,
            strokeWidth: 2,
            ...(i === 0 ? {} : { strokeDasharray: "6,3" }),
          }),
          plot.text(points.slice(-1), {
            x: "x",
            y: ({ y }: { y: number }) => inside(y),
            text: () => name,
            textAnchor: "start",
            dx: 6,
            dy: i === above ? -7 : 7,
            fill: colours[i]!,
          }),
        ]),
      ],
    });
    return { chart, cut };
  }

  /** Bars of one quantity, each with its name and its number. */
  bars(told: Told, unit: string, bars: readonly { name: string; value: number; text: string }[]) {
    const plot = this.#plot;
    return this.#draw(told, {
      ...{ width: 560, height: 50 + 24 * bars.length, marginLeft: 60, marginRight: 60 },
      ...{ marginTop: 6, marginBottom: 44 },
      x: { label: unit, grid: true, ticks: 5 },
      y: { label: null, domain: bars.map(({ name }) => name), padding: 0.25 },
      marks: [
        plot.barX(bars, { x: "value", y: "name", fill: FIRST }),
        plot.text(bars, { x: "value", y: "name", text: "text", textAnchor: "start", dx: 5 }),
        plot.ruleX([0]),
      ],
    });
  }

  /** Shares of two samples in the same bins: the first filled, the second a line. */
  histogram(
    told: Told,
    edges: readonly number[],
    shares: readonly [observed: readonly number[], generated: readonly number[]],
    time: boolean,
  ): Html {
    const plot = this.#plot;
    const at = (x: number) => (time ? new Date(x) : x);
    const bins = shares[0].map((share, i) => ({
      ...{ x1: at(edges[i]!), x2: at(edges[i + 1]!), share, made: shares[1][i]! },
    }));
    const [low, high] = [edges[0]!, edges.at(-1)!];
    const outline = [
      { x: at(low), y: 0 },
      ...shares[1].flatMap((y, i) => [
        { x: at(edges[i]!), y },
        { x: at(edges[i + 1]!), y },
      ]),
      { x: at(high), y: 0 },
    ];
    return this.#draw(told, {
      ...{
        width: 300,
        height: 150,
        marginLeft: 8,
        marginRight: 12,
        marginTop: 8,
        marginBottom: 28,
      },
      x: { type: time ? "utc" : "linear", domain: [at(low), at(high)], label: null, ticks: 4 },
      y: { axis: null },
      marks: [
        plot.rectY(bins, { x1: "x1", x2: "x2", y: "share", ...FILLED, inset: 0 }),
        plot.line(outline, { x: "x", y: "y", stroke: SECOND, strokeWidth: 2 }),
        plot.ruleY([0]),
      ],
    });
  }

  /** Shares of levels: bars of the first, ticks of the second. */
  levels(
    told: Told,
    levels: readonly string[],
    shares: readonly [observed: readonly number[], generated: readonly number[]],
  ): Html {
    const plot = this.#plot;
    // Two levels may be shortened to one name.
    const names = levels.map((level, i) => `${i}:${level}`);
    const label = (name: string) => {
      const text = [...name.slice(name.indexOf(":") + 1)];
      return text.length > 13 ? `${text.slice(0, 12).join("")}…` : text.join("");
    };
    const bars = names.map((name, i) => ({
      ...{ name, own: 100 * shares[0][i]!, made: 100 * shares[1][i]! },
    }));
    return this.#draw(told, {
      ...{ width: 300, height: 36 + 19 * names.length },
      ...{ marginLeft: 96, marginRight: 14, marginTop: 6, marginBottom: 28 },
      x: { label: null, ticks: 4, tickFormat: (x: number) => `${x}%` },
      y: { label: null, domain: names, tickFormat: label, padding: 0.25, tickSize: 0 },
      marks: [
        plot.barX(bars, { x: "own", y: "name", ...FILLED }),
        plot.tickX(bars, { x: "made", y: "name", stroke: SECOND, strokeWidth: 3 }),
        plot.ruleX([0]),
      ],
    });
  }

  /** Means by place: the first filled, the second a line. */
  profile(told: Told, observed: readonly number[], generated: readonly number[]): Html {
    const plot = this.#plot;
    const points = observed.map((own, x) => ({ x, own, made: generated[x]! }));
    return this.#draw(told, {
      ...{ width: 300, height: 150, marginLeft: 44, marginRight: 12, marginTop: 8 },
      marginBottom: 28,
      x: { label: null, ticks: [] },
      y: { label: null, ticks: 4 },
      marks: [
        plot.areaY(points, { x: "x", y: "own", ...FILLED }),
        plot.line(points, { x: "x", y: "made", stroke: SECOND, strokeWidth: 2 }),
        plot.ruleY([0]),
      ],
    });
  }

  /** Points in a plane, which the page's script colours; `data-i` is each one's place. */
  scatter(
    told: Told,
    labels: readonly [string, string],
    points: readonly (readonly [number, number])[],
  ): Html {
    const plot = this.#plot;
    return this.#draw(told, {
      ...{ width: 640, height: 530, marginLeft: 52, marginRight: 12 },
      ...{ marginTop: 34, marginBottom: 46 },
      x: { label: labels[0], ticks: 6, grid: true, nice: true },
      y: { label: labels[1], ticks: 6, grid: true, nice: true },
      marks: [
        plot.dot(points, {
          ...{
            x: ([x]: readonly [number, number]) => x,
            y: ([, y]: readonly [number, number]) => y,
          },
          ...{ r: 3, fill: FIRST, fillOpacity: 0.75, stroke: "none", sort: null },
        }),
      ],
    });
  }
}
