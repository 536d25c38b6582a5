/** Elements of HTML that charts make for themselves: a name, attributes, texts and children. */

/** An element; what is false or null among `attributes` is left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  const given = Object.entries(attributes).filter(([, value]) => value !== null && value !== false);
  for (const [key, value] of given) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A button that does something. */
export function button(label, act) {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", act);
  return made;
}

/** Give a node a text, and leave it alone where it has that one: a selection in it is kept. */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
