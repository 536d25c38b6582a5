/** Two documents, place by place. */

/** Every value of a document by its place: {"training.seed": 0}. A list is one value. */
export function flat(document, place = "") {
  if (document === null || typeof document !== "object" || Array.isArray(document)) return { [place]: document };
  const entries = Object.entries(document);
  if (!entries.length) return { [place]: document };
  return Object.assign({}, ...entries.map(([name, value]) => flat(value, place ? `${place}.${name}` : name)));
}

/** Where one document says otherwise than what is usual: [{place, usual, own}], as texts. */
export function differences(usual, own) {
  const [before, after] = [flat(usual), flat(own)];
  const places = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  const told = (value) => (value === undefined ? "–" : JSON.stringify(value));
  return places
    .map((place) => ({ place, usual: told(before[place]), own: told(after[place]) }))
    .filter((each) => each.usual !== each.own);
}
