/** A file on its way to the API; unlike fetch, this request says how far it is. */

import { Away, Problem, root } from "./api.js";

const LOST = "The file has not arrived: the server is away, or would not read it to its end.";

/** Send a file; `sent` is called with the bytes that have gone. Resolves to the answer; rejects as `get` does. */
export function upload(path, file, { sent, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", root + path);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream"); // else a browser guesses by the file's name
    request.upload.onprogress = ({ loaded }) => sent(loaded);
    request.onload = () => (request.status < 300 ? resolve(request.response) : reject(problemOf(request)));
    request.onerror = () => reject(new Away(LOST));
    request.onabort = () => reject(new DOMException("given up", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** Something between here and the server may have answered, without JSON. */
const problemOf = ({ response, status, statusText }) =>
  new Problem(response ?? { detail: `the answer was ${status} ${statusText}`, code: "unknown" }, status);
