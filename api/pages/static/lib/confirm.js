/** Whether the reader means it. */

import { h } from "./dom.js";

/** Ask before something is deleted: what, and what is lost with it. Resolves to whether it is to go. */
export function confirmed(what, lost) {
  const dialog = h("dialog", { "aria-labelledby": "sure" },
    h("h3", { id: "sure", class: "users", text: `Delete ${what}?` }),
    h("p", { text: lost }),
    h("form", { method: "dialog", class: "row" },
      h("button", { value: "yes", text: "Delete" }), h("button", { value: "no", autofocus: true, text: "Keep" })));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}
