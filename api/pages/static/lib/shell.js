/** What every page has around its content: the status line, the theme, the pause button, the keys. */

import { Away } from "./api.js";
import { h, one, say as put } from "./dom.js";
import { account, askForCode, isRefusal, signIn } from "./signin.js";

const THEMES = ["auto", "light", "dark"];
const KEYS = [
  ["/", "search"],
  ["j k", "next, previous row"],
  ["x", "select the row"],
  ["Enter", "open it"],
  ["← →", "in a chart: the cursor, with Shift ten steps"],
  ["+ − Esc", "in a chart: zoom in, out, back"],
  ["p", "pause and go on"],
  ["?", "this list"],
];

let isPaused = false;
const pauseListeners = [];

/** Whether the reader has stopped what moves by itself. */
export const paused = () => isPaused;

/** Call `listener` with whether it is paused, when that changes. */
export const onPause = (listener) => pauseListeners.push(listener);

/** A sentence in the status line, which screen readers tell too; empty: nothing to say. */
export function say(text, { bad = false } = {}) {
  const line = put(one("#status"), text);
  line.className = bad ? "status bad" : "status";
}

/**
 * What went wrong, as a sentence with the request's id; that a request was given up is nothing. Where it was refused
 * because nobody has signed in, a code is asked for in place of the page.
 */
export function sayError(error) {
  if (error.name === "AbortError") return;
  if (isRefusal(error)) {
    askForCode(one("#main"), { told: error.status === 401 ? "" : error.message });
    return;
  }
  const id = error.requestId ? ` (request ${error.requestId})` : "";
  say(`${error.message}${id}`, { bad: true });
  if (!(error instanceof Away) && error.status === undefined) throw error; // ours: the console is to have it
}

/** What of the address was not understood. */
export function sayComplaints(complaints) {
  if (complaints.length) say(`Not understood in this address, and ignored: ${complaints.join(", ")}.`);
}

/** Put the shell to work, then the page: `start` is called once the reader is signed in where that is needed. */
export async function shell(start) {
  theme();
  pause();
  keys();
  try {
    await signIn();
    account(one("#account"));
    await start();
  } catch (error) {
    sayError(error);
  }
}

/** Call `look` now and then again and again, while the tab is seen and nothing is paused; a failure is said, and waited. */
export function repeat(look, seconds) {
  let failed = false;
  const turn = async () => {
    if (!document.hidden && !isPaused) {
      try {
        await look();
        if (failed) say("The server is back.");
        failed = false;
      } catch (error) {
        failed = error instanceof Away;
        sayError(error);
        if (isRefusal(error)) return; // once signed in, the page begins anew
      }
    }
    setTimeout(turn, seconds * 1000);
  };
  document.addEventListener("visibilitychange", () => document.hidden || isPaused || look().catch(sayError));
  return turn();
}

function theme() {
  const kept = () => THEMES[Math.max(0, THEMES.indexOf(localStorage.getItem("theme")))];
  const button = one("#theme");
  const show = () => {
    const chosen = kept();
    document.documentElement.dataset.theme = chosen;
    button.textContent = `Theme: ${chosen}`;
  };
  button.addEventListener("click", () => {
    localStorage.setItem("theme", THEMES[(THEMES.indexOf(kept()) + 1) % THEMES.length]);
    show();
  });
  show();
}

function pause() {
  const button = one("#pause");
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", isPaused);
    button.textContent = isPaused ? "Go on" : "Pause updates";
    for (const listener of pauseListeners) listener(isPaused);
  });
}

function keys() {
  const rows = KEYS.map(([key, does]) => h("tr", {}, h("td", {}, h("kbd", { text: key })), h("td", { text: does })));
  const dialog = h("dialog", { "aria-labelledby": "keys-title" }, h("h3", { id: "keys-title", text: "Keys" }));
  dialog.append(h("table", {}, h("tbody", {}, rows)), h("form", { method: "dialog" }, h("button", { text: "Close" })));
  document.body.append(dialog);
  one("#keys").addEventListener("click", () => dialog.showModal());
  const search = (event) => {
    if (one("[type=search]")) event.preventDefault();
    one("[type=search]")?.focus();
  };
  onKeys({ "?": () => dialog.showModal(), p: () => one("#pause").click(), "/": search });
}

/** Do what keys stand for, by key, where nobody types. */
export function onKeys(acts) {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    acts[event.key]?.(event);
  });
}
