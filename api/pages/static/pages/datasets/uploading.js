/** The form that uploads a file: how far it is, and everything that is wrong with it. */

import { path, Problem } from "../../lib/api.js";
import { fill, h, say as put } from "../../lib/dom.js";
import { bytes } from "../../lib/format.js";
import { say, sayError } from "../../lib/shell.js";
import { isRefusal } from "../../lib/signin.js";
import { upload } from "../../lib/upload.js";
import { pathOf } from "./facts.js";

const LABELS = {
  file: "File, which may be dropped here",
  name: "Name",
  test: "Share that becomes the test part",
  size: "Pixels a side",
  seed: "Seed of the test part",
};
const FORMATS = "An .npz of numpy, a zip of a folder of images for each class, a Parquet table of images, "
  + "or a CSV table of numbers.";

/** The form; `done` is called with the name of what was uploaded. */
export function uploading(done) {
  const number = (more) => h("input", { type: "number", ...more });
  const inputs = {
    file: h("input", { type: "file", required: true, "aria-describedby": "formats", on: { change: suggest } }),
    name: h("input", { required: true, maxlength: 64, autocapitalize: "none", spellcheck: "false" }),
    test: number({ min: 0, max: 1, step: "any", placeholder: "if the file has none" }),
    size: number({ min: 1, placeholder: "as the images are" }),
    seed: number({ min: 0, placeholder: "0" }),
  };
  const parts = {
    start: h("button", { class: "main", text: "Upload" }),
    cancel: h("button", { type: "button", hidden: true, text: "Cancel upload", on: { click: () => way.abort() } }),
    bar: h("progress", { hidden: true, max: 1, "aria-label": "Upload" }),
    how: h("span"),
    faults: h("div", { role: "status", class: "bad users" }),
  };
  let [way, suggested] = [null, ""];
  return h("form", { on: { submit, dragover: (event) => event.preventDefault(), drop } },
    h("p", { id: "formats", class: "faint small", text: FORMATS }),
    h("div", { class: "fields" }, Object.entries(inputs).map(([key, input]) => {
      input.id = `upload-${key}`;
      return h("div", { class: "field" }, h("label", { for: input.id, text: LABELS[key] }), input);
    })),
    h("p", { class: "row" }, parts.start, parts.cancel, parts.bar, parts.how), parts.faults);

  function drop(event) {
    event.preventDefault();
    inputs.file.files = event.dataTransfer.files;
    suggest();
  }

  /** A name like the file's, unless one was typed. */
  function suggest() {
    if (inputs.name.value !== suggested) return;
    const plain = (inputs.file.files[0]?.name ?? "").toLowerCase().replace(/\.\w+$/, "").replace(/[^a-z0-9._-]+/g, "-");
    inputs.name.value = suggested = plain.replace(/^[^a-z0-9]+/, "").slice(0, 64);
  }

  async function submit(event) {
    event.preventDefault();
    const [file] = inputs.file.files;
    const [test, size, seed] = ["test", "size", "seed"].map((key) => inputs[key].value || null);
    const asked = path(pathOf(inputs.name.value), { test, size, seed });
    way = new AbortController();
    fill(parts.faults);
    isUnderWay(true);
    try {
      const found = await upload(asked, file, { sent: (many) => progress(many, file.size), signal: way.signal });
      done(found.name);
    } catch (error) {
      if (error.name === "AbortError") say("Upload cancelled: nothing of it is kept.");
      else if (error instanceof Problem && !isRefusal(error)) told(error);
      else sayError(error);
    } finally {
      isUnderWay(false);
    }
  }

  function isUnderWay(is) {
    parts.start.disabled = is;
    parts.cancel.hidden = parts.bar.hidden = !is;
    put(parts.how, "");
  }

  /** Once all has gone, nobody knows how long the rest takes. */
  function progress(many, all) {
    if (many < all) parts.bar.value = many / all;
    else parts.bar.removeAttribute("value");
    put(parts.how, many < all ? `${bytes(many)} of ${bytes(all)}` : `${bytes(all)} have gone; they are being judged`);
  }

  function told({ message, errors }) {
    const words = (each) => [each.member ?? each.parameter, each.message].filter(Boolean).join(": ");
    const lines = errors.map((each) => h("li", { text: words(each) }));
    fill(parts.faults, h("p", { text: lines.length ? "Nothing of it is kept, because of this:" : message }),
      h("ul", {}, lines));
  }
}
