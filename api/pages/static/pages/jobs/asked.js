/** What the search box and the chips ask of the API: words become parameters. */

const PREFIXES = ["id", "dataset", "architecture", "experiment"];
const METRIC = /^(best\.)?(train|test)\.\w+(>=|<=|>|<|=)[-+.\de]+$/;

/** The API's parameters of a search: "deep tag:demo test.accuracy>0.9"; words of no kind are how a name begins. */
export function searched(text) {
  const asked = { name: [], where: [], tag: [] };
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [, prefix, value] = /^(\w+):(.+)$/.exec(word) ?? [];
    if (METRIC.test(word)) asked.where.push(word);
    else if (prefix === "bn") asked.batch_norm = /^(yes|true|1)$/.test(value);
    else if (prefix === "tag") asked.tag.push(value);
    else if (PREFIXES.includes(prefix)) asked[prefix] = value;
    else asked.name.push(word);
  }
  return { ...asked, name: asked.name.join(" ") || null };
}

/** What a row of the table needs. */
export const COLUMNS = ["id", "name", "tags", "status", "progress", "latest", "best", "error", "waiting_for", "requested",
  "allowed_actions", "dataset", "architecture", "batch_norm", "created", "bit_exact", "spec"].join();

/** Of documents the places that differ, and in how many values: those that have a column of their own left out. */
const OWN = /^(name|tags|metadata|retain|data\.dataset|architecture\.preset|batch_norm|training\.seed|resources)/;

/** @param flats {object[]} documents, flat; at most `most` places, and how many more there are. */
export function differing(flats, most = 4) {
  const places = [...new Set(flats.flatMap(Object.keys))].filter((place) => !OWN.test(place));
  const told = (flat, place) => JSON.stringify(flat[place]);
  const found = places.filter((place) => flats.some((flat) => told(flat, place) !== told(flats[0], place)));
  return { places: found.slice(0, most), more: Math.max(0, found.length - most) };
}
