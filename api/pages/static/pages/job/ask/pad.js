/** Where an image is drawn with mouse, pen or finger, or given as a file; beside it what the network is given of it. */

import { h, say } from "../../../lib/dom.js";
import { inputOf, paint } from "./pixels.js";

const SIDE = 280; // pixels of the longer side, about
const STROKE = 1 / 13; // of it: about as thick as handwriting is in MNIST

/** {element, give(input)} for images of a shape; `asked` is called with each new input, and with null once it is cleared. */
export function pad(shape, asked) {
  const [, height, width] = shape;
  const size = Math.max(1, Math.floor(SIDE / Math.max(height, width))); // of a block that becomes one pixel
  const canvas = h("canvas", { class: "pad", width: width * size, height: height * size, role: "img", "aria-label": "Draw here",
    on: { pointerdown: begin, pointermove: go, pointerup: end, pointercancel: end } });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  const small = h("canvas", { class: "given", role: "img", "aria-label": `What the network is given: ${width} by ${height} pixels` });
  const file = h("input", { type: "file", id: "ask-file", accept: "image/*", on: { change: () => read(file.files[0]) } });
  const problem = h("p", { class: "bad", role: "status" });
  const clear = h("button", { type: "button", text: "Clear", on: { click: () => (blank(), asked(null)) } });
  let at = null;
  Object.assign(brush, { lineWidth: STROKE * Math.max(canvas.width, canvas.height), lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
  blank();
  return {
    element: h("div", { on: { dragover: (event) => event.preventDefault(), drop } },
      h("div", { class: "pads" }, h("figure", {}, canvas, h("figcaption", { text: "Draw here, or drop an image" })),
        h("figure", {}, small, h("figcaption", { text: "What the network is given" }))),
      h("p", { class: "row" }, clear, h("label", { for: file.id, text: "An image file" }), file), problem),
    give: (input) => show(paint(document.createElement("canvas"), input, shape)),
  };

  function blank() {
    file.value = "";
    say(problem, "");
    brush.fillRect(0, 0, canvas.width, canvas.height);
    given();
  }

  function given() {
    const input = inputOf(brush.getImageData(0, 0, canvas.width, canvas.height), shape);
    paint(small, input, shape);
    return input;
  }

  /** An image in the network's size, which comes out of the canvas as it went in. */
  function show(image) {
    brush.imageSmoothingEnabled = false;
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    asked(given());
  }

  function begin(event) {
    if (event.button) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    at = placeOf(event);
    line([at]);
  }

  function go(event) {
    if (!at) return;
    const events = event.getCoalescedEvents?.() ?? [];
    line((events.length ? events : [event]).map(placeOf));
  }

  function end() {
    if (at) asked(given());
    at = null;
  }

  function line(places) {
    brush.beginPath();
    brush.moveTo(...at);
    for (const place of places) brush.lineTo(...place);
    brush.stroke();
    at = places.at(-1);
    given();
  }

  function placeOf({ clientX, clientY }) {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) / box.width) * canvas.width, ((clientY - box.top) / box.height) * canvas.height];
  }

  function drop(event) {
    event.preventDefault();
    read(event.dataTransfer.files[0]);
  }

  /** The whole of an image file in the network's size, with black around it where it has another shape. */
  async function read(chosen) {
    if (!chosen) return;
    try {
      const image = await createImageBitmap(chosen, { colorSpaceConversion: "none" });
      const scaled = Object.assign(document.createElement("canvas"), { width, height });
      const on = scaled.getContext("2d");
      const part = Math.min(width / image.width, height / image.height);
      const [across, down] = [image.width * part, image.height * part];
      on.imageSmoothingQuality = "high";
      on.fillRect(0, 0, width, height);
      on.drawImage(image, (width - across) / 2, (height - down) / 2, across, down);
      say(problem, "");
      show(scaled);
    } catch {
      say(problem, `${chosen.name} is no image that this browser reads.`);
    }
  }
}
