/** An opened layer: its bands, histograms, shares, extremes, weights and units, asked for when it is opened. */

import { histogramMap } from "../../../charts/ridges.js";
import { path } from "../../../lib/api.js";
import { fill, h, say } from "../../../lib/dom.js";
import { gallery } from "./gallery.js";
import { histogramRows, isMeasured, lineModels, ridgesModel, unitsModel } from "./layer_models.js";
import { latest } from "./loading.js";
import { layerSentence } from "./models.js";

const POINTS = 200;

/** {show(layer of the network or null, range), again(), draw()} of the place below the map. */
export function layerPart(host, context, close) {
  const title = h("h3", { tabindex: "-1" });
  const sentence = h("p", { class: "small" });
  const note = h("p", { class: "faint", hidden: true });
  const places = h("div", { class: "charts" });
  const part = h("section", { class: "layer", hidden: true, "aria-label": "The opened layer" },
    h("div", { class: "row" }, title, h("button", { type: "button", text: "Close layer", on: { click: close } })),
    sentence, note, places);
  host.append(part);
  const show = gallery(places, context);
  let [layer, range, answer, asked] = [null, {}, null, null];

  const load = latest((found, from) => {
    [answer, asked] = [found, from];
    draw();
  });
  const again = () => layer && load(layerPath(context.id, layer.name, range));

  function draw() {
    if (!answer || !layer) return;
    const measured = isMeasured(answer, layer.name);
    note.hidden = measured && answer.step.length > 0;
    say(note, measured ? "Nothing is recorded of these steps yet." : NOTHING);
    show(measured && answer.step.length ? layerCharts(answer, layer.name, asked, context.cursor.get()) : []);
  }

  return {
    again,
    draw,
    show(wanted, steps) {
      const isAnother = wanted?.name !== layer?.name;
      if (!isAnother && steps.from === range.from && steps.to === range.to) return;
      [layer, range] = [wanted, steps];
      part.hidden = !layer;
      if (isAnother) {
        answer = null;
        show([]);
        fill(title, layer ? `Layer ${layer.name}` : "");
        say(sentence, layer ? layerSentence(layer) : "");
      }
      if (layer) load(layerPath(context.id, layer.name, range));
      else load(null);
    },
  };
}

const NOTHING = "Nothing is measured of this layer: it has neither weights nor a nonlinearity behind it.";

export const layerPath = (id, layer, { from = null, to = null } = {}) =>
  path(`jobs/${id}/activations`, { layer, histograms: true, units: true, points: POINTS, from, to });

/** All charts of a layer's answer. */
function layerCharts(answer, layer, asked, cursor) {
  const rows = histogramRows(answer, layer);
  const units = unitsModel(answer, layer, cursor);
  const [bands, ...others] = lineModels(answer, layer, cursor);
  const found = [bands, ...histograms(rows, cursor), ...others, units && { name: "units", model: units }];
  return found.filter(Boolean).map((each) => ({ path: asked, ...each, name: `layer-${each.name}` }));
}

const histograms = (rows, cursor) =>
  rows.length
    ? [
        { name: "histograms", model: { ...histogramMap(rows), title: "Histograms by step", cursor } },
        { name: "ridges", model: ridgesModel(rows, cursor), steps: false },
      ]
    : [];
