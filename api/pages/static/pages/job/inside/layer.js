/** An opened layer: its bands, histograms, shares, extremes, weights and units, asked for when it is opened. */

import { histogramMap } from "../../../charts/ridges.js";
import { path } from "../../../lib/api.js";
import { fill, h, say } from "../../../lib/dom.js";
import { gallery } from "./gallery.js";
import { histogramRows, lineModels, ridgesModel, unitsModel } from "./layer_models.js";
import { latest } from "../../../lib/loading.js";
import { layerSentence } from "./models.js";
import { isMeasured } from "./statistics.js";

const POINTS = 200;

/** {show(layer or null, network, range), again(), draw()} of the place below the map. */
export function layerPart(host, context, close) {
  const title = h("h3");
  const sentence = h("p", { class: "small" });
  const note = h("p", { class: "faint" });
  const places = h("div", { class: "charts broad" });
  const part = h("section", { class: "layer", hidden: true, "aria-label": "The opened layer" },
    h("div", { class: "row" }, title, h("button", { type: "button", text: "Close layer", on: { click: close } })),
    sentence, note, places);
  host.append(part);
  const show = gallery(places, context);
  let [layer, measured, range, answer, asked] = [null, false, {}, null, null];
  let [rows, map] = [[], null]; // the histograms, and what is made of them once

  const load = latest((found, from) => {
    [answer, asked] = [found, from];
    rows = found ? histogramRows(found, layer.name) : [];
    map = rows.length ? histogramMap({ title: "Histograms by step", rows, foot: "Colour = log(1 + count)." }) : null;
    draw();
  });
  const again = () => measured && load(layerPath(context.id, layer.name, range));

  function draw() {
    if (!answer || !layer) return;
    say(note, answer.step.length ? "" : "Nothing is recorded of these steps yet.");
    show(answer.step.length ? charts(context.cursor.get()) : []);
  }

  function charts(cursor) {
    const units = unitsModel(answer, layer.name, cursor);
    const [bands, ...others] = lineModels(answer, layer.name, cursor);
    const histograms = map && [
      { name: "histograms", model: { ...map, cursor } },
      { name: "ridges", model: ridgesModel(rows, cursor) },
    ];
    const found = [bands, histograms, others, units && { name: "units", model: units }].flat().filter(Boolean);
    return found.map((each) => ({ ...each, path: asked, name: `layer-${each.name}` }));
  }

  return {
    again,
    draw,
    show(wanted, network, steps) {
      const isAnother = wanted?.name !== layer?.name;
      if (!isAnother && steps.from === range.from && steps.to === range.to) return;
      [layer, range, measured] = [wanted, steps, wanted !== null && isMeasured(wanted, network)];
      part.hidden = !layer;
      if (isAnother) {
        answer = null;
        show([]);
        fill(title, layer ? `Layer ${layer.name}` : "");
        say(sentence, layer ? layerSentence(layer, network.taps.find((tap) => tap.layer === layer.name)) : "");
        say(note, layer && !measured ? NOTHING : "");
      }
      if (!again()) load(null);
    },
  };
}

const NOTHING = "Nothing is measured of this layer: it has neither weights nor a nonlinearity behind it.";

export const layerPath = (id, layer, { from = null, to = null } = {}) =>
  path(`jobs/${id}/activations`, { layer, histograms: true, units: true, points: POINTS, from, to });
