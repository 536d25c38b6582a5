/** The focus, while a part of a page is drawn anew: a key that is pressed then is to do what it would have done before. */

/** Draw; then focus what had the focus, or has its id now, or begins its row or group, or the row in that place, or `spare`. */
export function keepingFocus(draw, spare) {
  const had = document.activeElement;
  const around = had.closest("tr[id], [role=group]");
  const [place, rows] = [around?.sectionRowIndex, around?.parentNode.rows];
  draw();
  if (had === document.body || (had === document.activeElement && had.checkVisibility())) return;
  const first = (part) => part?.querySelector("a, button");
  const next = first(rows?.[Math.min(place, rows.length - 1)]);
  [had, document.getElementById(had.id), first(around), next, spare].find((each) => each?.checkVisibility())
    ?.focus({ preventScroll: true });
}
