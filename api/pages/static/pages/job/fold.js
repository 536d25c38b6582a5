/** A fold whose state is in the address, so that a link shows it as its sender had it. */

import { h } from "../../lib/dom.js";

/** `name`: what the address calls it; `opened` is called whenever it is opened. */
export function fold({ name, title, id, opened = () => {} }, part, view) {
  const open = view.values.open.includes(name);
  const made = h("details", { open, id }, h("summary", {}, h("strong", { text: title })), part);
  made.addEventListener("toggle", () => {
    if (made.open) opened();
    const others = view.values.open.filter((each) => each !== name);
    const now = made.open ? [...others, name] : others;
    if (now.length !== view.values.open.length) view.set({ open: now });
  });
  return made;
}
