/** Signing in: a code, in the address or typed, becomes a cookie that no script sees. */

import { get, send } from "./api.js";
import { fill, h, one } from "./dom.js";

const SIGNED_IN = "signed-in"; // in localStorage: whether there is something to sign out of

/** The code in an address, or in what somebody pasted of one; else the text itself: "http://.../ui/#code=abc" -> "abc". */
export const codeOf = (text) => /[#&]code=([^&\s]*)/.exec(text)?.[1] ?? text.trim();

/**
 * Sign in with the code of this page's address, which then has it no longer. Whether it did: a link that was opened
 * before, in a browser that is signed in, does no harm. Rejects with the Problem of a code that is good for nothing.
 */
export async function signIn() {
  if (!/[#&]code=/.test(location.hash)) return false;
  const code = codeOf(location.hash);
  history.replaceState(history.state, "", location.pathname + location.search);
  try {
    await spend(code);
  } catch (error) {
    if (error.code !== "code_spent" || !(await mayRead())) throw error;
    return false;
  }
  return true;
}

/** Whether it was refused for want of a signature or of a good code. */
export const isRefusal = (error) => error.status === 401 || error.code === "code_spent";

/** Ask for a code, in place of what `host` has, unless it is asked for; `told` is what was wrong with the last one. */
export function askForCode(host, { onSignedIn = () => location.reload(), told = "" } = {}) {
  if (one("#code", host)) return;
  const problem = h("p", { id: "code-problem", class: "bad", role: "alert", text: told });
  const input = h("input", { id: "code", autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true,
    "aria-describedby": problem.id });
  const button = h("button", { class: "main", text: "Sign in" });
  const enter = (text) => tried(text, { button, input, problem, onSignedIn });
  const form = h("form", { class: "row", on: { submit: (event) => (event.preventDefault(), enter(input.value)) } });
  form.append(input, button);
  const label = h("label", { for: "code" }, "This server needs you to sign in: open the address that its start has printed, run ", h("code", { text: "bnlab open" }));
  label.append(" on it for another one, or paste a code here.");
  fill(host, h("h1", { text: "Sign in" }), h("p", {}, label), form, problem);
  input.focus();
  addEventListener("hashchange", () => location.hash && enter(location.hash)); // a link, opened in this very tab
}

/** A button to sign out, where this browser has signed in. */
export function account(host) {
  if (localStorage.getItem(SIGNED_IN) === null) return;
  const leave = async () => {
    await send("DELETE", "session");
    localStorage.removeItem(SIGNED_IN);
    location.reload();
  };
  fill(host, h("button", { type: "button", text: "Sign out", on: { click: leave } }));
}

async function spend(code) {
  await send("POST", "session", { code });
  localStorage.setItem(SIGNED_IN, "");
}

async function tried(text, { button, input, problem, onSignedIn }) {
  button.disabled = true;
  try {
    await spend(codeOf(text));
    history.replaceState(history.state, "", location.pathname + location.search);
    await onSignedIn();
  } catch (error) {
    problem.textContent = error.message;
    input.select();
  } finally {
    button.disabled = false;
  }
}

const mayRead = () => get("workers").then(() => true, (error) => (error.status === 401 ? false : Promise.reject(error)));
