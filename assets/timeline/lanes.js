// What all lanes are made with.

let colours = {};
const COLOURS = ['ink', 'soft', 'line', 'card', 'play', 'play-soft', 'wait', 'wait-soft', 'still', 'load'];
const MORE_COLOURS = ['queue', 'connect', 'ttfb', 'body', 'in', 'out'];
const readColours = () => {
  const style = getComputedStyle(document.documentElement);
  colours = Object.fromEntries(
    [...COLOURS, ...MORE_COLOURS].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
};
const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
const lanes = [];
/** Height in rem. `paint(g)` draws and calls g.hit(x, y, w, h, words) for what can be pointed at. */
const lane = (id, name, unit, heightRem, paint) => {
  const canvas = make('canvas', { 'data-lane': id, role: 'img', 'aria-label': `${name} over time` });
  const label = make(
    'div',
    { class: 'name' },
    name,
    ...(unit ? [make('span', { class: 'unit' }, unit)] : []),
  );
  chart.append(make('div', { class: 'lane' }, label, canvas));
  const made = { id, canvas, heightRem, paint, hits: [] };
  lanes.push(made);
  return made;
};

/** Puts intervals on as few rows as they need, at most `most`. */
const packed = (items, most) => {
  const freeAt = [];
  for (const item of items) {
    let row = freeAt.findIndex((at) => at <= item.fromMs);
    if (row < 0) row = freeAt.length < most ? freeAt.length : freeAt.indexOf(Math.min(...freeAt));
    freeAt[row] = Math.max(freeAt[row] ?? 0, item.toMs);
    item.row = row;
  }
  return { items, rows: Math.max(1, freeAt.length) };
};
/** Items from the first that may be in view; they are by time. */
const inView = (items, atOf) => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (atOf(items[mid]) < view.fromMs) low = mid + 1;
    else high = mid;
  }
  const first = Math.max(0, low - 1);
  let last = first;
  while (last < items.length && atOf(items[last]) <= view.toMs) last++;
  return items.slice(first, last + 1);
};
