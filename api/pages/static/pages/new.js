/** A new job: a form or its whole document, checked while it is typed, and what it would train. */

import { get, send } from "../lib/api.js";
import { text, view as viewOf } from "../lib/address.js";
import { fill, h, one, say as put } from "../lib/dom.js";
import { sayComplaints, sayError, shell } from "../lib/shell.js";
import { COMMON, fieldsOf, KINDS, parsed, presetOf, STARTS, valueAt, withValue } from "./new/fields.js";
import { showNetwork } from "./new/network.js";
import { submitTwin, twinOf } from "./twin.js";

const TYPED = 300; // milliseconds after the last letter

await shell(async () => {
  const view = viewOf({ like: text(13), dataset: text(64) });
  const [{ presets }, { datasets }] = await Promise.all([get("architectures"), get("datasets")]);
  const like = view.values.like ? await get(`jobs/${view.values.like}`) : null;
  let document_ = like?.spec ?? (await withDefaults(beginning(presets, datasets, view.values.dataset)));
  let [fields, resolved, timer, number] = [[], null, null, 0];
  const parts = build(presets, { like, begin, choose, typed, submit });
  sayComplaints(view.complaints);
  form();
  written();
  await check();

  /** The form anew: the fields that the document's preset has. */
  function form() {
    const preset = presets.find(({ name }) => name === presetOf(document_, presets));
    parts.preset.value = preset?.name ?? "layers";
    put(parts.described, preset?.description ?? "A list of layers: it is written in the document.");
    fields = [...COMMON, ...(preset ? fieldsOf(preset) : [])].map(([label, place, kind]) => fieldOf(label, place, kind, datasets, changed));
    fill(parts.fields, fields.map(({ element }) => element));
    shown();
  }

  /** What the document says in the fields, and the defaults where it says nothing. */
  function shown() {
    for (const field of fields) field.show(valueAt(document_, field.place) ?? valueAt(resolved, field.place));
  }

  /** Begin anew with a document, on the data that is chosen. */
  function begin(start) {
    const dataset = valueAt(document_, "data.dataset") ?? valueAt(resolved, "data.dataset");
    anew({ ...start, ...(dataset && { data: { dataset } }) });
  }

  function choose(name) {
    const preset = presets.find((each) => each.name === name);
    anew({ ...document_, architecture: preset.options });
  }

  function anew(document) {
    document_ = document;
    form();
    written();
    soon();
  }

  function changed(place, value) {
    const named = place.startsWith("architecture.") ? withValue(document_, "architecture.preset", parts.preset.value) : document_;
    document_ = withValue(named, place, value);
    written();
    soon();
  }

  function written() {
    parts.text.value = JSON.stringify(document_, null, 2);
    parts.text.setAttribute("aria-invalid", false);
  }

  /** The fields follow; while the text is no document they rest, so that none of them writes over it. */
  function typed() {
    const found = parsed(parts.text.value);
    parts.text.setAttribute("aria-invalid", found === null);
    parts.own.disabled = found === null;
    if (found !== null) {
      const isOther = presetOf(found, presets) !== presetOf(document_, presets);
      [document_, resolved] = [found, null];
      if (isOther) form();
      else shown();
    }
    soon();
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => check().catch(sayError), TYPED);
  }

  /** Ask whether it can be trained; an older answer than the last one is left out. */
  async function check() {
    const mine = ++number;
    try {
      const checked = await send("POST", "jobs/validate", parts.text.value);
      if (mine !== number) return;
      resolved = checked.spec;
      shown();
      told([]);
      showNetwork(parts.network, checked);
      put(parts.twinLabel, ` and ${twinOf({ ...checked, name: null }).label.toLowerCase().replace("bn", "BN")}, with the same seed`);
    } catch (error) {
      if (mine === number && !refused(error)) throw error;
    }
  }

  /** Whether it is the document that the server will not take; why is told. */
  function refused(error) {
    const isRefused = error.status === 422 || error.status === 400;
    if (isRefused) told(error.errors.length ? error.errors : [error]);
    return isRefused;
  }

  /** What is wrong, in words, and at the fields that it is about. */
  function told(errors) {
    const at = (place) => errors.filter(({ pointer }) => pointer === `/${place.replaceAll(".", "/")}`).map(({ message }) => message).join("; ");
    for (const field of fields) field.fault(at(field.place));
    fill(parts.faults, errors.length > 0 && h("ul", {}, errors.map(({ pointer, message }) => h("li", { text: pointer ? `${pointer}: ${message}` : message }))));
    parts.submit.disabled = errors.length > 0;
  }

  /** Post what the text says; what is still to be checked would only come after it. */
  async function submit(event) {
    event.preventDefault();
    clearTimeout(timer);
    number += 1;
    parts.submit.disabled = true;
    try {
      const job = await send("POST", "jobs", parts.text.value);
      if (!parts.twin.checked || (await twinned(job))) location.href = `jobs/${job.id}`;
    } catch (error) {
      if (refused(error)) return;
      parts.submit.disabled = false;
      sayError(error);
    }
  }

  /** Whether the twin is queued too; where not, the job is told with the reason, and is not queued again by pressing twice. */
  async function twinned(job) {
    try {
      await submitTwin(job);
      return true;
    } catch (error) {
      const link = h("a", { class: "users", href: `jobs/${job.id}`, text: job.name ?? job.id });
      fill(parts.faults, h("p", {}, link, ` is queued; its twin is not: ${error.message}`));
      sayError(error);
      return false;
    }
  }
});

/** The default document, on the dataset that was chosen; else, where its own is not on the server, with one that is. */
function beginning([{ dataset: usual }], datasets, chosen) {
  if (chosen) return { data: { dataset: chosen } };
  const there = datasets.filter(({ available }) => available).map(({ name }) => name);
  return there.includes(usual) || !there.length ? {} : { data: { dataset: there[0] } };
}

/** All that a document means; where the server will not take it, what it says: why is told when it is checked. */
async function withDefaults(document) {
  try {
    return (await send("POST", "jobs/validate", document)).spec;
  } catch (error) {
    if (error.status !== 422) throw error;
    return document;
  }
}

function build(presets, { like, begin, choose, typed, submit }) {
  const parts = {
    preset: h("select", { id: "preset", on: { change: (event) => choose(event.target.value) } },
      presets.map(({ name }) => h("option", { value: name, text: name })), h("option", { value: "layers", disabled: true, text: "layers" })),
    described: h("p", { class: "faint small" }),
    fields: h("div", { class: "fields" }),
    text: h("textarea", { id: "document", class: "code", rows: "24", spellcheck: "false", "aria-describedby": "faults", on: { input: typed } }),
    faults: h("div", { id: "faults", role: "status", class: "bad" }),
    own: h("fieldset"),
    network: h("div"),
    twin: h("input", { type: "checkbox", id: "twin" }),
    twinLabel: h("span", { text: " and its twin, with or without BN" }),
    submit: h("button", { class: "main", text: "Train" }),
  };
  const from = like && h("p", {}, "As ", h("a", { class: "users", href: `jobs/${like.id}`, text: like.name ?? like.id }), ", but for what you change.");
  fill(one("#page"), from, h("form", { novalidate: true, on: { submit } },
    h("div", { class: "halves" },
      fill(parts.own, h("legend", { text: "Network and training" }),
        h("p", { class: "row" }, "Begin with ",
          Object.entries(STARTS).map(([name, start]) => h("button", { type: "button", text: name, on: { click: () => begin(start) } }))),
        h("div", { class: "field" }, h("label", { for: "preset", text: "Network" }), parts.preset), parts.described, parts.fields),
      h("details", {}, h("summary", { text: "The whole document" }), h("label", { for: "document", text: "As JSON; what it says is what is posted" }), parts.text)),
    parts.faults,
    h("p", { class: "row" }, parts.submit, h("label", {}, parts.twin, parts.twinLabel))),
    h("h2", { text: "What it trains" }), parts.network);
  return parts;
}

/** A field of the form: {place, element, show(value), fault(text)}. */
function fieldOf(label, place, kind, datasets, changed) {
  const id = `field-${place.replaceAll(".", "-")}`;
  const choices = kind === "dataset" ? datasets.map(({ name }) => name) : Array.isArray(kind) ? kind : null;
  const isThere = (value) => kind !== "dataset" || datasets.find(({ name }) => name === value).available;
  const { write, read } = KINDS[choices ? "choice" : kind];
  const isFlag = kind === "flag";
  const own = (event) => changed(place, read(isFlag ? event.target.checked : event.target.value));
  const input = choices
    ? h("select", { id, on: { change: own } }, choices.map((value) => h("option", { value, text: isThere(value) ? value : `${value}, not fetched` })))
    : h("input", { id, type: isFlag ? "checkbox" : "text", inputmode: kind === "number" ? "decimal" : null, on: { input: own } });
  const fault = h("p", { id: `${id}-fault`, class: "bad small" });
  input.setAttribute("aria-describedby", fault.id);
  return {
    place,
    element: h("div", { class: "field" }, h("label", { for: id, text: label }), input, fault),
    show(value) {
      if (input.ownerDocument.activeElement === input) return; // who types there is not to be disturbed
      if (isFlag) input.checked = write(value);
      else input.value = write(value);
    },
    fault(text) {
      put(fault, text);
      input.setAttribute("aria-invalid", Boolean(text));
    },
  };
}
