/** A job's document: first what it says otherwise than the defaults. */

import { code } from "../../../charts/menu.js";
import { Problem, root, send } from "../../../lib/api.js";
import { fill, h } from "../../../lib/dom.js";
import { plural } from "../../../lib/format.js";
import { differences } from "../documents.js";
import { tableOf } from "../../../lib/tables.js";

/** Draw it, once the server has said what its network means by default. */
export async function documentOf(part, { id, spec }) {
  const otherwise = h("div");
  const again = `curl -H "Authorization: Bearer $BNLAB_TOKEN" --json '{}' '${root}jobs?like=${id}'`;
  fill(part, otherwise,
    h("details", {}, h("summary", { text: "The whole document, as JSON" }), code(JSON.stringify(spec, null, 2), null, "Copy the document")),
    h("p", { class: "small", text: "Posted again, it gives the same series:" }), code(again, null, "Copy the line"));
  fill(otherwise, await told(spec));
}

async function told(spec) {
  const plain = plainOf(spec);
  const brief = preset(spec) ? (document) => document : withoutLayers;
  const against = `What ${JSON.stringify(plain)} means`;
  try {
    const found = differences(brief((await send("POST", "jobs/validate", plain)).spec), brief(spec));
    if (!found.length) return h("p", { text: `${against}: everything else is as it is by default.` });
    return [h("p", { text: `${against}, but for:` }),
      tableOf("What differs from the defaults", ["field", "here", "by default"], found.map(({ place, own, usual }) => [place, own, usual]))];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return h("p", { text: `What differs from the defaults cannot be told: ${error.message}` });
  }
}

/** The shortest document with the same network and dataset: against another preset's defaults all would differ. */
export const plainOf = ({ architecture: { preset }, data: { dataset } }) =>
  ({ ...(preset ? { architecture: preset } : {}), data: { dataset } });

const preset = ({ architecture }) => architecture.preset;

/** With the network as a single value: beside a preset, a network of layers one by one would differ in every field. */
const withoutLayers = ({ architecture: { preset: name, layers }, ...rest }) =>
  ({ architecture: layers ? plural(layers.length, "layer") : name, ...rest });
