/** The curves of a job: how it learns, on every part of the data, and what was recorded of each step beside. */

import { figure } from "../../charts/figure.js";
import * as lines from "../../charts/lines.js";
import { path, requests } from "../../lib/api.js";
import { fill, h, isNew, say } from "../../lib/dom.js";
import { atMostEvery, latest } from "../../lib/loading.js";
import { onPause, say as tell } from "../../lib/shell.js";
import { fold } from "./fold.js";
import { axisOf, CHARTS, curveModel, markedSteps, stepAt } from "./curve_models.js";

const POINTS = 500;
const RENEWED = 1; // second between two answers while a job trains
const OVER = [0, 10, 100, 1000, 10000]; // steps of smoothing
const AXES = ["step", "epoch", "time"];
const FORMULA = "At step t, the mean of the values of steps t − n + 1 to t, for n steps; what is not finite is left out. " +
  "Where a point is several steps, it counts with the mean of all of them. The raw line stays, faint.";

/** Make the section. Returns {job, rows, view, reset, events, ready}: `ready` resolves once the first answer is drawn. */
export function curves(host, context) {
  const { id, view, cursor } = context;
  const parts = build(host, context);
  const charts = new Map();
  let [answer, asked, resumed] = [null, null, []];

  const use = latest(({ jobs, damaged }, wanted) => {
    if (!jobs[id]) return tell(damaged[id] ?? "There is no such job any more.", { bad: true });
    [answer, asked] = [jobs[id], wanted];
    return draw({ live: true });
  });
  /** A series that the job is not to have would be refused. */
  const names = ["train.*", "test.*", ...(context.job().spec.data.validation ? ["validation.*"] : [])].join();
  const load = () => use(path("series", { jobs: id, names, columns: "value,min,max,mean", points: POINTS,
    time: true, digits: 6, from: view.values.from, to: view.values.to }));
  const soon = atMostEvery(RENEWED, load);
  const axis = () => axisOf(view.values.x, { stepsPerEpoch: context.job().steps_per_epoch,
    began: Date.parse(context.job().attempts[0]?.started) / 1000 });

  function draw({ live = false } = {}) {
    if (!answer) return;
    const { y, smooth, all, from, to } = view.values;
    const marks = markedSteps(resumed, context.job());
    const options = { axis: axis(), log: y === "log", smooth, cursor: cursor.get(), marks, all };
    for (const chart of CHARTS) {
      const model = curveModel(chart, answer, options);
      const told = { ...model, foot: clipped(model, all) };
      if (!charts.has(chart.key)) {
        if (!model.series.some(({ x }) => x.length)) continue;
        charts.set(chart.key, make(chart, told));
      }
      charts.get(chart.key).update(told, { live });
    }
    say(parts.empty, charts.size ? "" : "Nothing is recorded yet; the curves begin with the first step.");
    const [isZoomed, isLive] = [from !== null || to !== null, context.job().status === "running"];
    parts.back.hidden = !isZoomed;
    say(parts.back, isLive ? "Follow again" : "The whole run");
    parts.pill.classList.toggle("live", isLive && !isZoomed);
    say(parts.pill, isZoomed ? "Zoomed" : isLive ? "Following" : "The whole run");
  }

  const clipped = (model, all) =>
    !all && lines.isClipped(model) ? `${model.foot}; ▴ ▾ lie beyond the axis: “All values” shows them` : model.foot;

  function make(chart, model) {
    const place = h("div", { "data-chart": chart.key });
    (chart.more ? parts.more : parts.charts).append(place);
    const at = (value) => stepAt(answer, axis(), value);
    return figure(place, lines, {
      model,
      height: 240,
      requests: () => requests(asked),
      onCursor: (value) => cursor.set(at(value)),
      onZoom: (range) => cursor.zoom(range && range.map(at)),
      file: `${id}-${chart.key}`,
    });
  }

  const isOther = () => isNew(host, JSON.stringify([view.values.from, view.values.to]));
  isOther();
  cursor.on(() => draw());
  onPause((isPaused) => isPaused || load());
  return Object.freeze({
    ready: load(),
    job: () => draw(),
    rows: () => view.values.to !== null || soon(),
    reset: load,
    events: (steps) => {
      resumed = steps;
      draw();
    },
    view() {
      sync(parts, view.values);
      if (isOther()) load();
      draw();
    },
  });
}

function build(host, { view, cursor, job }) {
  const set = (name, read = (value) => value) => ({ change: (event) => view.set({ [name]: read(event.target.value) }) });
  const option = (value, text) => h("option", { value, text });
  const axes = AXES.filter((axis) => axis !== "epoch" || job().steps_per_epoch);
  const parts = {
    x: h("select", { "aria-label": "x axis", on: set("x") }, axes.map((axis) => option(axis, axis))),
    y: h("select", { "aria-label": "y axis", on: set("y") }, ["linear", "log"].map((kind) => option(kind, kind))),
    smooth: h("select", { on: set("smooth", Number) },
      OVER.map((steps) => option(steps, steps ? `mean of the last ${steps} steps` : "off"))),
    all: h("button", { type: "button", text: "All values", on: { click: () => view.set({ all: !view.values.all }) } }),
    back: h("button", { type: "button", hidden: true, on: { click: () => cursor.zoom(null) } }),
    pill: h("span", { class: "pill" }),
    empty: h("p", { class: "faint" }),
    charts: h("div", { class: "charts" }),
    more: h("div", { class: "charts" }),
  };
  const controls = h("div", { class: "row" },
    h("label", {}, "x ", parts.x), h("label", {}, "y ", parts.y), h("label", {}, "Smoothing ", parts.smooth),
    parts.all, parts.pill, parts.back);
  const formula = h("details", { class: "small" }, h("summary", { text: "How smoothing is computed" }), h("p", { text: FORMULA }));
  fill(host, h("h2", { id: "curves-title", text: "Curves" }), controls, formula, parts.empty, parts.charts,
    fold({ name: "more", title: "More curves", id: "more-curves" }, parts.more, view));
  sync(parts, view.values);
  return parts;
}

function sync(parts, { x, y, smooth, all }) {
  [parts.x.value, parts.y.value, parts.smooth.value] = [x, y, String(smooth)];
  parts.all.setAttribute("aria-pressed", all);
}
