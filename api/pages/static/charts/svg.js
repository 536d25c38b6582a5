/** A drawing context that makes SVG: what charts draw with on a canvas they draw with here. */

const SPACE = "http://www.w3.org/2000/svg";
const ANCHORS = { left: "start", center: "middle", right: "end", start: "start", end: "end" };
const BASELINES = { top: "hanging", middle: "central", alphabetic: "auto", bottom: "auto" };

/** An element of SVG. */
export function svgElement(name, attributes = {}) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Numbers of a path to a hundredth of a pixel. */
const short = (value) => Number(value.toFixed(2));

/** Records into `parent`; it has those of a canvas' methods and properties that charts use. */
export class SvgContext {
  fillStyle = "#000";
  strokeStyle = "#000";
  lineWidth = 1;
  globalAlpha = 1;
  font = "12px sans-serif";
  textAlign = "left";
  textBaseline = "alphabetic";
  tooltip = false;
  #path = "";
  #dash = [];
  #parent;

  constructor(parent) {
    this.#parent = parent;
  }

  beginPath() {
    this.#path = "";
  }

  moveTo(x, y) {
    this.#path += `M${short(x)} ${short(y)}`;
  }

  lineTo(x, y) {
    this.#path += `L${short(x)} ${short(y)}`;
  }

  closePath() {
    this.#path += "Z";
  }

  setLineDash(dash) {
    this.#dash = dash;
  }

  stroke() {
    const dash = this.#dash.length ? { "stroke-dasharray": this.#dash.join(" ") } : {};
    this.#add("path", { d: this.#path, fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth, ...dash });
  }

  fill() {
    this.#add("path", { d: this.#path, fill: this.fillStyle });
  }

  fillRect(x, y, width, height) {
    this.#add("rect", { x: short(x), y: short(y), width: short(width), height: short(height), fill: this.fillStyle });
  }

  fillText(text, x, y) {
    const [size, ...family] = this.font.split(" ");
    const anchor = { "text-anchor": ANCHORS[this.textAlign], "dominant-baseline": BASELINES[this.textBaseline] };
    const font = { "font-size": size, "font-family": family.join(" ") };
    const made = this.#add("text", { x: short(x), y: short(y), fill: this.fillStyle, ...anchor, ...font });
    made.textContent = text;
    if (this.tooltip) made.appendChild(svgElement("title")).textContent = this.tooltip;
  }

  /** A canvas, its pixels kept square: a heat map's cells are not to be blurred. */
  drawImage(canvas, x, y, width, height) {
    const place = { x, y, width, height, preserveAspectRatio: "none", "image-rendering": "pixelated" };
    this.#add("image", { ...place, href: canvas.toDataURL() });
  }

  #add(name, attributes) {
    const opacity = this.globalAlpha === 1 ? {} : { opacity: this.globalAlpha };
    const element = svgElement(name, { ...attributes, ...opacity });
    this.#parent.append(element);
    return element;
  }
}
