/** The state of a view in the address: short typed parameters, so that a link shows what its sender saw. */

/** Kinds of parameters: each reads a text, or says null where it makes no sense, and writes a value. */
export const text = (longest = 200) => ({ read: (t) => (t.length <= longest ? t : null), write: String, first: "" });
export const oneOf = (choices, first = choices[0]) => ({
  read: (t) => (choices.includes(t) ? t : null),
  write: String,
  first,
});
export const whole = (first = null) => ({
  read: (t) => (/^\d{1,15}$/.test(t) ? Number(t) : null),
  write: String,
  first,
});
export const flag = (first = false) => ({
  read: (t) => ({ 0: false, 1: true })[t] ?? null,
  write: (v) => (v ? "1" : "0"),
  first,
});
export const list = (first = []) => ({
  read: (t) => t.split(",").filter(Boolean),
  write: (v) => v.join(","),
  first,
});

/**
 * The view that the address names. `fields`: by name the kind of parameter. What is unknown or malformed stands in
 * `complaints` and is otherwise ignored.
 */
export function view(fields) {
  const listeners = [];
  let { values, complaints } = read(fields, location.search);
  const told = () => listeners.forEach((listener) => listener(values));
  addEventListener("popstate", () => {
    ({ values, complaints } = read(fields, location.search));
    told();
  });
  return {
    get values() {
      return values;
    },
    get complaints() {
      return complaints;
    },
    /** Change some; `push` makes a step that the back button takes back. */
    set(change, { push = false } = {}) {
      values = Object.freeze({ ...values, ...change });
      const query = written(fields, values);
      history[push ? "pushState" : "replaceState"](null, "", query ? `?${query}` : location.pathname);
      told();
    },
    on: (listener) => listeners.push(listener),
  };
}

/** The values and complaints of a query string. */
export function read(fields, query) {
  const values = Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, kind.first]));
  const complaints = [];
  for (const [name, given] of new URLSearchParams(query)) {
    const value = Object.hasOwn(fields, name) ? fields[name].read(given) : null;
    if (value === null) complaints.push(`${name}=${given.slice(0, 40)}`);
    else values[name] = value;
  }
  return { values: Object.freeze(values), complaints };
}

/** Those values that are not what a plain address means. */
export function written(fields, values) {
  const query = new URLSearchParams();
  for (const [name, kind] of Object.entries(fields)) {
    const value = values[name];
    if (value !== null && kind.write(value) !== (kind.first === null ? null : kind.write(kind.first))) {
      query.set(name, kind.write(value));
    }
  }
  return query.toString().replaceAll("%2C", ",");
}
