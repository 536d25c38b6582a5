/** What the search box and the chips ask of the API: words become parameters. */

const PREFIXES = ["id", "dataset", "architecture", "experiment"];
const BN = { yes: true, true: true, 1: true, no: false, false: false, 0: false };
const METRIC = /^((?:best\.)?(?:train|validation|test)\.\w+)(>=|<=|!=|>|<|=)(.+)$/;
const LIKE_METRIC = /^(best\.)?(train|validation|test)\.|[<>]/;

/**
 * The API's parameters of a search, "deep tag:demo test.accuracy>0.9", and the words of it that make no sense. Words of
 * no kind are how a name begins; name: makes one of any word.
 */
export function searched(text) {
  const [asked, unknown, names] = [{ where: [], tag: [] }, [], []];
  for (const word of text.trim().split(/\s+/).filter(Boolean)) {
    const [, prefix, value] = /^(\w+):(.*)$/.exec(word) ?? [];
    const [, , , number] = METRIC.exec(word) ?? [];
    if (prefix === undefined && !LIKE_METRIC.test(word)) names.push(word);
    else if (number && Number.isFinite(Number(number))) asked.where.push(word);
    else if (prefix === "name" && value) names.push(value);
    else if (prefix === "tag" && value) asked.tag.push(value);
    else if (prefix === "bn" && Object.hasOwn(BN, value)) asked.batch_norm = BN[value];
    else if (PREFIXES.includes(prefix) && value) asked[prefix] = value;
    else unknown.push(word);
  }
  return { asked: { ...asked, name: names.join(" ") || null }, unknown };
}

/** What a row of the table needs, but for its document. */
export const COLUMNS = ["id", "name", "tags", "status", "progress", "latest", "best", "error", "waiting_for", "requested",
  "allowed_actions", "dataset", "batch_norm", "created"].join();

/** Of documents the places that differ, and in how many values: those that have a column of their own left out. */
const OWN = /^(name|tags|metadata|retain|data\.dataset|architecture\.(preset|hidden|activation)|batch_norm|training\.seed|resources)/;

/** @param flats {object[]} documents, flat; at most `most` places, and how many more there are. */
export function differing(flats, most = 4) {
  const places = [...new Set(flats.flatMap(Object.keys))].filter((place) => !OWN.test(place));
  const told = (flat, place) => JSON.stringify(flat[place]);
  const found = places.filter((place) => flats.some((flat) => told(flat, place) !== told(flats[0], place)));
  return { places: found.slice(0, most), more: Math.max(0, found.length - most) };
}
