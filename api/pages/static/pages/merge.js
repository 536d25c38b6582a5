/** What is shown, made like what is to be shown, so that focus and selection in whatever stays are not lost. */

/** Make `old` as `made` is, child by child; children with an id are the same wherever they stand. */
export function merge(old, made) {
  if (old.isEqualNode(made)) return;
  if (old.nodeName !== made.nodeName) return old.replaceWith(made);
  if (old.nodeType === Node.TEXT_NODE) return (old.data = made.data);
  for (const name of old.getAttributeNames()) if (!made.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of made.attributes) old.setAttribute(name, value);
  const stay = new Set([...made.children].map(({ id }) => id));
  [...old.children].filter(({ id }) => !stay.has(id)).forEach((each) => each.remove());
  const wanted = [...made.childNodes];
  wanted.forEach((child, i) => {
    const here = old.childNodes[i] ?? null;
    const same = child.id ? [...old.children].find(({ id }) => id === child.id) : here?.id ? null : here;
    if (same !== here || !same) old.insertBefore(same ?? child, here);
    if (same) merge(same, child);
  });
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
}
