/** Elements of the document, made of values: what a user wrote becomes text and never markup. */

/**
 * An element. `attributes`: `text` is its content, `on` its listeners by event, `class` and all others as in HTML;
 * false and null leave one out, true is an empty one. `children`: elements and texts; null and false are skipped.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  return append(element, children);
}

/** The same node with these children in place of its own. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

/** The element that a selector names. */
export const one = (selector, within = document) => within.querySelector(selector);

/** Replace an element's children only where their text differs, so that a selection in it is not lost. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  return node;
}

const drawn = new WeakMap(); // by element what it was drawn from

/** Whether an element is to be drawn from another text than last time: what is the same is left alone, as is a selection in it. */
export function isNew(element, from) {
  const differs = drawn.get(element) !== from;
  drawn.set(element, from);
  return differs;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (name === "text") element.textContent = value;
  else element.setAttribute(name, value === true ? "" : value);
}

function append(node, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}
