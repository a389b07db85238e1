// The run as a strip: phases, faults, and where it stands.

const place = (element, fromMs, toMs, wholeMs) => {
  const share = (ms) => Math.min(100, Math.max(0, (ms / wholeMs) * 100));
  element.style.left = `${share(fromMs)}%`;
  element.style.width = `${share(toMs) - share(fromMs)}%`;
};
const markWords = ({ label, fromMs, toMs }) =>
  `${label} at ${clock(fromMs)}${toMs === undefined ? '' : ` to ${clock(toMs)}`}`;

const showStrip = ({ phases, marks, atMs, totalMs, phase }) => {
  const root = byId('strip');
  const wholeMs = Math.max(totalMs, atMs, 1);
  renew(root, [phases, marks.map(({ label, fromMs, kind }) => [label, fromMs, kind]), wholeMs], () => [
    ...phases.map(({ name, fromMs, toMs }) => {
      const element = make('div', { class: 'stretch' }, make('span', {}, name));
      place(element, fromMs, toMs, wholeMs);
      return element;
    }),
    ...marks.map((each) => {
      const element = make('div', { class: 'mark', 'data-kind': each.kind, title: each.words });
      place(element, each.fromMs, each.toMs ?? each.fromMs, wholeMs);
      return element;
    }),
    make('div', { class: 'done' }),
  ]);
  const elements = root.querySelectorAll('.mark');
  marks.forEach((each, at) => {
    place(elements[at], each.fromMs, each.toMs ?? (each.kind === 'fault' ? atMs : each.fromMs), wholeMs);
  });
  place(root.lastElementChild, 0, atMs, wholeMs);
  const told = marks.length === 0 ? '' : `; ${marks.slice(-5).map(markWords).join(', ')}`;
  mark(
    root,
    'aria-label',
    `${clock(atMs)} of ${clock(totalMs)}${phase === '' ? '' : `, phase ${phase}`}${told}`,
  );
};
