// Figures, gauges, alerts and the gate.

const figureElement = (panel, figure) => {
  const value = make('dd', {}, '');
  const element = make(
    'div',
    { class: 'figure', 'data-figure': `${panel}:${figure.id}` },
    make('dt', {}, figure.label),
    value,
  );
  return element;
};
const showFigure = (element, { value, unit, tone, why }) => {
  const text = element.lastElementChild;
  mark(element, 'data-value', value);
  mark(element, 'data-tone', tone);
  mark(element, 'title', value === null ? why : undefined);
  const said = words(value, unit);
  // A dash is not read out: the reason is.
  renew(text, [said, why ?? ''], () =>
    value === null
      ? [make('span', { 'aria-hidden': 'true' }, said), make('span', { class: 'unseen' }, `unknown: ${why}`)]
      : [said],
  );
};
const groupShape = ({ title, note, figures }) => [
  title,
  note ?? '',
  figures.map(({ id, label }) => [id, label]),
];

const showPanel = ({ id, groups, lines }) => {
  const root = document.querySelector(`[data-panel="${id}"]`);
  renew(root, groups.map(groupShape), () =>
    groups.map(({ title, note, figures }) =>
      make(
        'div',
        { class: 'group' },
        make('h3', {}, title),
        ...(note === undefined ? [] : [make('p', { class: 'note' }, note)]),
        ...(figures.length === 0
          ? []
          : [make('dl', { class: 'figures' }, ...figures.map((figure) => figureElement(id, figure)))]),
      ),
    ),
  );
  groups.forEach((group, at) => {
    const elements = root.children[at].querySelectorAll('.figure');
    group.figures.forEach((figure, each) => {
      showFigure(elements[each], figure);
    });
  });
  showLines(document.querySelector(`[data-lines="${id}"]`), lines);
};
const showLines = (element, lines) =>
  renew(element, lines, () => lines.map(({ text, tone }) => make('li', { 'data-tone': tone }, text)));

// ---- containers

const meter = (name, what) =>
  make(
    'div',
    {
      class: 'meter',
      role: 'meter',
      'aria-label': `${what} of ${name}`,
      'aria-valuemin': 0,
      'aria-valuemax': 100,
    },
    make('i', {}),
    make('s', {}),
  );
const gaugeElement = ({ name }) =>
  make(
    'div',
    { class: 'gauge', 'data-container': name },
    make('h3', {}, name),
    make('span', { class: 'what' }, 'CPU'),
    meter(name, 'CPU'),
    make('b', {}),
    make('span', { class: 'what' }, 'memory'),
    meter(name, 'memory'),
    make('b', {}),
  );
const showMeter = (element, text, value, limit, said) => {
  const most = limit ?? Number.POSITIVE_INFINITY;
  const tone = value === null ? undefined : value > most ? 'bad' : value > most * 0.8 ? 'warn' : 'good';
  mark(element, 'data-tone', tone);
  mark(text, 'data-tone', tone === 'good' ? undefined : tone);
  mark(element, 'aria-valuenow', value === null ? 0 : Math.min(100, Math.round(value)));
  mark(element, 'aria-valuetext', said);
  element.firstElementChild.style.width = `${value === null ? 0 : Math.min(100, value)}%`;
  mark(element.lastElementChild, 'hidden', limit === null ? '' : undefined);
  element.lastElementChild.style.left = `${limit ?? 0}%`;
  say(text, said);
};
const showContainers = ({ list, note, more, cpuLimitPct, memLimitPct }) => {
  const root = byId('gauges');
  renew(root, [list.map(({ name }) => name), note ?? '', more], () => [
    ...list.map(gaugeElement),
    ...(note === undefined ? [] : [make('p', { class: 'note' }, note)]),
    ...(more > 0 ? [make('p', { class: 'note' }, `and ${more} more`)] : []),
  ]);
  list.forEach((container, at) => {
    const [, , cpu, cpuText, , memory, memoryText] = root.children[at].children;
    const { cpuPct, memPct, memMb } = container;
    showMeter(cpu, cpuText, cpuPct, cpuLimitPct, words(cpuPct, '%'));
    const amount = memMb === null ? '' : words(memMb, 'MB');
    const share = memPct === null ? '' : words(memPct, '%');
    showMeter(
      memory,
      memoryText,
      memPct,
      memLimitPct,
      [share, amount].filter((text) => text !== '').join(', ') || '–',
    );
  });
};
const showGaps = (gaps) =>
  renew(byId('gaps'), gaps, () =>
    gaps.map(({ source, why }) => make('li', { 'data-tone': 'warn' }, `${source} says nothing: ${why}`)),
  );

// ---- load boxes

const boxElement = ({ name, host, figures }) =>
  make(
    'tr',
    { 'data-box': name },
    make('th', { scope: 'row' }, name, ...(host === name ? [] : [make('small', {}, ` ${host}`)])),
    make('td', {}),
    ...figures.map(({ id }) => make('td', { 'data-figure': `box:${id}` }, make('span', {}))),
  );
const showBoxes = (boxes) => {
  mark(byId('boxes'), 'hidden', boxes === undefined ? '' : undefined);
  if (boxes === undefined) return;
  const { list, words: text, tone, more } = boxes;
  say(byId('box-count'), more > 0 ? `${text}; ${more} more are not shown` : text);
  mark(byId('box-count'), 'data-tone', tone);
  const root = byId('box-rows');
  renew(
    root,
    list.map(({ name }) => name),
    () => [
      make(
        'table',
        {},
        make(
          'thead',
          {},
          make(
            'tr',
            {},
            ...['box', 'state', ...list[0].figures.map(({ label }) => label)].map((title) =>
              make('th', { scope: 'col' }, title),
            ),
          ),
        ),
        make('tbody', {}, ...list.map(boxElement)),
      ),
    ],
  );
  const rows = root.querySelectorAll('tbody tr');
  list.forEach(({ state: said, tone: how, figures }, at) => {
    const [, words, ...cells] = rows[at].children;
    say(words, said);
    mark(words, 'data-tone', how);
    figures.forEach((figure, each) => {
      showFigure(cells[each], figure);
    });
  });
};

// ---- alerts

const showAlerts = ({ list, active, note }) => {
  say(
    byId('alert-count'),
    note ?? (list.length === 0 ? 'None so far.' : `${active} now, ${list.length - active} over`),
  );
  mark(byId('alert-count'), 'data-tone', active > 0 ? 'bad' : undefined);
  renew(byId('alert-list'), list, () =>
    list.map(({ words: text, raisedAtMs, clearedAtMs }) => {
      const isOver = clearedAtMs !== undefined;
      const times = isOver ? `${clock(raisedAtMs)} to ${clock(clearedAtMs)}` : `since ${clock(raisedAtMs)}`;
      return make(
        'li',
        { 'data-state': isOver ? 'over' : 'active' },
        make('b', {}, isOver ? 'over' : 'alert'),
        make('time', {}, times),
        make('span', {}, text),
      );
    }),
  );
};

// ---- gate

const STATES = {
  pass: ['✓', 'passes'],
  fail: ['✗', 'fails'],
  no_data: ['…', 'no data yet'],
};
const showGate = ({ rows, counts, atMs }, isOver) => {
  if (atMs === undefined) return;
  say(byId('gate-title'), isOver ? 'Gate' : 'Gate so far');
  const when = isOver ? 'At the end' : `At ${clock(atMs)}`;
  say(
    byId('gate-count'),
    `${when}: of the mandatory rows ${counts.pass} pass, ${counts.fail} fail, ${counts.no_data} ${isOver ? 'have no data' : 'have no data yet'}.`,
  );
  mark(byId('gate-count'), 'data-tone', counts.fail > 0 ? 'bad' : undefined);
  renew(byId('gate-rows'), [rows, isOver], () =>
    rows.map(({ id, title, mandatory, status, value, bound, reason }) => {
      const [sign, said] = STATES[status];
      return make(
        'div',
        { class: 'row', 'data-row': id, 'data-state': mandatory || status !== 'fail' ? status : 'advisory' },
        make('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
        make('span', { class: 'title' }, title, ...(mandatory ? [] : [make('small', {}, ' advisory')])),
        make('b', { class: 'value' }, value),
        make('span', { class: 'bound' }, bound),
        make('span', { class: 'unseen' }, isOver && status === 'no_data' ? 'no data' : said),
        ...(status === 'pass' || reason === '' ? [] : [make('span', { class: 'reason' }, reason)]),
      );
    }),
  );
};
