// The page's script: colours the map's points by a field, and tells of the point under the pointer. It
// is JavaScript as a text, since a page that stands alone holds it whole.
import { STEPS } from "./style.ts";

/** What the script finds in the page as JSON. */
export interface MapData {
  fields: object[];
  atlas: object | null;
}

export const script: string = `
"use strict";
(() => {
  addEventListener("beforeprint", () => {
    for (const each of document.querySelectorAll("details")) each.open = true;
  });
  const data = document.getElementById("map-data");
  if (!data) return;
  const { fields, atlas } = JSON.parse(data.textContent);
  const svg = document.querySelector(".map svg");
  const [box, tip, legend, choice] = ["map-figure", "tip", "map-legend", "colour"].map((id) =>
    document.getElementById(id));
  const NS = "http://www.w3.org/2000/svg";
  const r = 3.4;
  const shapes = [
    "M-3,0A3,3,0,1,0,3,0A3,3,0,1,0,-3,0Z",
    "M-2.7,-2.7H2.7V2.7H-2.7Z",
    "M0,-3.6L3.4,2.4H-3.4Z",
    "M0,-3.9L3,0L0,3.9L-3,0Z",
    "M-1,-3.4H1V-1H3.4V1H1V3.4H-1V1H-3.4V-1H-1Z",
  ];
  const MOST = 2 * shapes.length;
  const marks = [...svg.querySelectorAll("circle")].map((circle) => {
    const x = Number(circle.getAttribute("cx"));
    const y = Number(circle.getAttribute("cy"));
    const mark = document.createElementNS(NS, "path");
    circle.replaceWith(mark);
    return { x, y, mark };
  });
  const layer = marks[0].mark.parentNode;
  for (const name of ["fill", "fill-opacity", "stroke"]) layer.removeAttribute(name);

  function levelMark(mark, code) {
    mark.setAttribute("d", shapes[code % shapes.length]);
    const colour = "var(--c" + code + ")";
    const hollow = code >= shapes.length;
    mark.setAttribute("class", hollow ? "hollow" : "");
    mark.setAttribute("fill", hollow ? "none" : colour);
    mark.setAttribute("stroke", hollow ? colour : "none");
  }
  function stepMark(mark, step) {
    mark.setAttribute("d", shapes[0]);
    mark.setAttribute("class", "q" + step);
    mark.setAttribute("stroke", "none");
  }
  function noMark(mark) {
    mark.setAttribute("d", "M-1.2,-1.2L1.2,1.2M-1.2,1.2L1.2,-1.2");
    mark.setAttribute("class", "none");
    mark.setAttribute("stroke", "var(--quiet)");
  }
  function otherMark(mark) {
    mark.setAttribute("d", "M-1.3,0A1.3,1.3,0,1,0,1.3,0A1.3,1.3,0,1,0,-1.3,0Z");
    mark.setAttribute("class", "none");
    mark.setAttribute("stroke", "none");
  }
  const scaleOf = (step) => 0.7 + (0.7 * step) / ${STEPS - 1};
  function key(draw, text) {
    const item = document.createElement("li");
    const icon = document.createElementNS(NS, "svg");
    icon.setAttribute("viewBox", "-5 -5 10 10");
    icon.setAttribute("aria-hidden", "true");
    const mark = document.createElementNS(NS, "path");
    draw(mark);
    icon.append(mark);
    item.append(icon, text);
    legend.append(item);
  }
  const day = (days) => new Date(days * 864e5).toISOString().slice(0, 10);
  const shown = (field, value) => {
    if (value === null) return "missing";
    if (field.type === "levels") return field.levels[value];
    return field.type === "time" ? day(value) : String(value);
  };

  function colourBy(field) {
    legend.textContent = "";
    const missing = field.values.includes(null);
    if (field.type === "levels") {
      const many = field.levels.length > MOST;
      const own = many ? MOST - 1 : field.levels.length;
      marks.forEach(({ x, y, mark }, i) => {
        mark.setAttribute("transform", "translate(" + x + "," + y + ")");
        const code = field.values[i];
        if (code === null) noMark(mark);
        else if (code >= own) otherMark(mark);
        else levelMark(mark, code);
      });
      field.levels.slice(0, own).forEach((level, code) => key((mark) => levelMark(mark, code), level));
      if (many) key(otherMark, field.levels.length - own + " other values");
      if (missing) key(noMark, "missing");
      return;
    }
    const there = field.values.filter((value) => value !== null).sort((a, b) => a - b);
    const cuts = Array.from({ length: ${STEPS - 1} }, (_, i) =>
      there[Math.floor(((i + 1) * there.length) / ${STEPS})]);
    const stepOf = (value) => cuts.filter((cut) => value >= cut).length;
    marks.forEach(({ x, y, mark }, i) => {
      const value = field.values[i];
      const step = value === null ? 0 : stepOf(value);
      mark.setAttribute("transform", "translate(" + x + "," + y + ") scale(" + scaleOf(step) + ")");
      if (value === null) noMark(mark);
      else stepMark(mark, step);
    });
    if (there.length > 0) {
      for (const [step, text] of [[0, "low: from " + shown(field, there[0])], [${STEPS - 1}, "high: to " + shown(field, there.at(-1))]]) {
        key((mark) => {
          stepMark(mark, step);
          mark.setAttribute("transform", "scale(" + scaleOf(step) + ")");
        }, text);
      }
    }
    if (missing) key(noMark, "missing");
  }

  let current = fields.find(({ type }) => type !== "text");
  if (current) {
    fields.forEach((field, i) => {
      if (field.type === "text") return;
      const option = document.createElement("option");
      option.value = i;
      option.textContent = field.name;
      choice.append(option);
    });
    choice.value = fields.indexOf(current);
    choice.addEventListener("change", () => {
      current = fields[choice.value];
      colourBy(current);
    });
    colourBy(current);
  } else {
    choice.parentNode.hidden = true;
    marks.forEach(({ x, y, mark }) => {
      stepMark(mark, ${STEPS >> 1});
      mark.setAttribute("transform", "translate(" + x + "," + y + ")");
    });
  }

  const ring = document.createElementNS(NS, "circle");
  ring.setAttribute("r", 2 * r);
  ring.setAttribute("fill", "none");
  ring.setAttribute("stroke", "currentColor");
  ring.setAttribute("stroke-width", "2");
  const [, , width, height] = svg.getAttribute("viewBox").split(/[ ,]+/).map(Number);
  const FIRST = 8;
  let at = -1;
  function tell(i) {
    at = i;
    const { x, y } = marks[i];
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", y);
    svg.append(ring);
    tip.textContent = "";
    if (atlas) {
      const zoom = Math.max(1, Math.round(112 / Math.max(atlas.width, atlas.height)));
      const image = document.createElement("i");
      image.style.width = atlas.width * zoom + "px";
      image.style.height = atlas.height * zoom + "px";
      image.style.backgroundImage = "url(" + atlas.png + ")";
      image.style.backgroundSize = atlas.across * atlas.width * zoom + "px auto";
      image.style.backgroundPosition =
        -(i % atlas.across) * atlas.width * zoom + "px " + -Math.floor(i / atlas.across) * atlas.height * zoom + "px";
      tip.append(image);
    }
    const list = document.createElement("dl");
    const told = [...new Set([...(current ? [current] : []), ...fields])].slice(0, FIRST);
    for (const field of told) {
      const [name, value] = [document.createElement("dt"), document.createElement("dd")];
      name.textContent = field.name;
      value.textContent = shown(field, field.values[i]);
      list.append(name, value);
    }
    if (told.length > 0) tip.append(list);
    tip.hidden = told.length === 0 && !atlas;
    const frame = box.getBoundingClientRect();
    const drawn = svg.getBoundingClientRect();
    const left = drawn.left - frame.left + (x / width) * drawn.width;
    const top = drawn.top - frame.top + (y / height) * drawn.height;
    const beside = left + 14 + tip.offsetWidth > frame.width ? left - 14 - tip.offsetWidth : left + 14;
    tip.style.left = Math.max(0, beside) + "px";
    tip.style.top = top + 12 + "px";
  }
  function leave() {
    tip.hidden = true;
    ring.remove();
  }
  function nearest(event) {
    const drawn = svg.getBoundingClientRect();
    const px = ((event.clientX - drawn.left) / drawn.width) * width;
    const py = ((event.clientY - drawn.top) / drawn.height) * height;
    let [best, least] = [-1, 20 * 20];
    marks.forEach(({ x, y }, i) => {
      const distance = (x - px) ** 2 + (y - py) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    if (best < 0) leave();
    else if (best !== at || tip.hidden) tell(best);
  }
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("pointermove", nearest);
  svg.addEventListener("pointerdown", nearest);
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  const order = marks.map((_, i) => i).sort((a, b) => marks[a].x - marks[b].x);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") leave();
    if (!step) return;
    event.preventDefault();
    const place = at < 0 ? (step > 0 ? -1 : 0) : order.indexOf(at);
    tell(order[(place + step + order.length) % order.length]);
  });
})();
`;
