// The legend, and the list of moments.

const swatches = [
  ['play', 'plays, body of an answer'],
  ['wait', 'waits for media, failed'],
  ['still', 'picture stands, keyframe'],
  ['load', 'loads, connects'],
  ['ttfb', 'waits for an answer, media bytes, received'],
  ['queue', 'in line, own lag, stream over'],
  ['out', 'sent, action, seek'],
];
const legend = make('ul', { class: 'legend' });
for (const [colour, words] of swatches)
  legend.append(make('li', {}, make('i', { style: `background: var(--${colour})` }), words));
chart.after(
  legend,
  make('p', { class: 'hint' }, 'Wheel or pinch zooms, drag moves. Keys: ← → + − 0 and [ ] for moments.'),
);

const MOST = 500;
const list = make('ol', { class: 'moments' });
for (const moment of moments.slice(0, MOST)) {
  const row = make(
    'button',
    { type: 'button' },
    make('span', { class: 'at' }, clock(moment.atMs, 2)),
    make('span', { class: moment.bad ? 'what bad' : 'what' }, moment.text),
  );
  row.addEventListener('click', () => goTo(moment));
  list.append(make('li', { 'data-name': moment.name, 'data-at': String(moment.atMs) }, row));
}
const hidden = moments.length - MOST;
document.body.append(
  make('h2', {}, 'What happened'),
  list,
  ...(hidden > 0 ? [make('p', { class: 'hint' }, `and ${hidden} more, in the file`)] : []),
  ...(unreadable > 0
    ? [make('p', { class: 'hint' }, `${unreadable} lines of the file could not be read`)]
    : []),
  tip,
);
