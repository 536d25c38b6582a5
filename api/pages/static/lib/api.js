/** Requests to this server's API, whose problem documents become errors with their own sentences. */

export const root = new URL(document.documentElement.dataset.root, location.href).href;

let ahead = 0; // milliseconds by which the server's clock is before this one

/** The time by the server's clock, in milliseconds: a browser's own may be off by an hour. */
export const now = () => Date.now() + ahead;

/** Why a request was refused: the server's sentence, and its place where it names one. */
export class Problem extends Error {
  constructor(told, status) {
    super(told.detail);
    this.status = status;
    this.code = told.code;
    this.errors = told.errors ?? [];
    this.requestId = told.request_id;
  }
}

/** Nobody answered: the server is away, or the network. */
export class Away extends Error {}

/** What is at a path of the API. Rejects with Problem, Away, or the signal's AbortError. */
export const get = (path, { signal } = {}) => ask("GET", path, { signal });

/** Send a body as JSON, or none. */
export const send = (method, path, body) => ask(method, path, { body });

async function ask(method, path, { body, signal }) {
  const options = { method, signal, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.body = typeof body === "string" ? body : JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const answer = await answered(root + path, options);
  const date = Date.parse(answer.headers.get("Date"));
  if (Number.isFinite(date) && !answer.headers.has("Age")) ahead = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  throw new Problem(await told(answer), answer.status);
}

async function answered(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Away("The server does not answer; this page goes on when it is back.", { cause: error });
  }
}

/** A problem document, or the status where something between here and the server has answered. */
async function told(answer) {
  const kind = answer.headers.get("Content-Type") ?? "";
  if (kind.includes("json")) return answer.json();
  return { detail: `the answer was ${answer.status} ${answer.statusText}`, code: "unknown" };
}

/** A path with parameters; null leaves one out, a list is several of one name. */
export function path(base, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of [value].flat()) if (each !== null && each !== undefined) query.append(name, each);
  }
  const text = query.toString().replaceAll("%2C", ",").replaceAll("*", "%2A").replaceAll("%3A", ":");
  return text ? `${base}?${text}` : base;
}

/** The very request as a line for a shell and as Python that needs httpx alone; a token is taken from BNLAB_TOKEN. */
export function requests(path) {
  const url = root + path;
  return {
    curl: `curl -s -H "Authorization: Bearer $BNLAB_TOKEN" '${url}'`,
    python: [
      "import os, httpx",
      `url = ${JSON.stringify(url)}`,
      'token = {"Authorization": "Bearer " + os.environ.get("BNLAB_TOKEN", "")}',
      "answer = httpx.get(url, headers=token).raise_for_status().json()",
    ].join("\n"),
  };
}
