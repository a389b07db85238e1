// Requests, sockets and actions, and the time below all lanes.

const over = of('request');
const known = new Set(over.map(({ id }) => id));
const open = of('response').filter(({ id }) => !known.has(id));
const streams = [
  ...over,
  ...open.map((each) => ({ ...each, headAtMs: each.atMs, atMs: endMs, end: 'open', bytes: 0 })),
];
const requests = packed(
  streams
    .map((line) => ({ line, fromMs: line.startedAtMs, toMs: line.atMs }))
    .sort((a, b) => a.fromMs - b.fromMs),
  8,
);
lane('requests', 'Requests', `${over.length}`, 0.5 + requests.rows * 0.85, (g) => {
  g.waits();
  for (const { line, row } of inViewSpans(requests.items)) {
    const y = (0.25 + row * 0.85) * g.rem;
    const h = 0.65 * g.rem;
    const [x, w] = g.range(line.startedAtMs, line.atMs, 2);
    const isFailed =
      (line.end !== 'complete' && line.end !== 'aborted' && line.end !== 'open') || line.status >= 400;
    const corners = [
      ['queue', line.startedAtMs],
      ['connect', line.begunAtMs],
      ['ttfb', line.sentAtMs],
      ['body', line.headAtMs],
    ].filter(([, atMs]) => atMs !== undefined);
    for (const [i, [colour, atMs]] of corners.entries()) {
      const [from, wide] = g.range(atMs, corners[i + 1]?.[1] ?? line.atMs);
      g.bar(from, y, Math.max(wide, i === corners.length - 1 ? 2 : 0), h, colours[colour]);
    }
    // What failed is red where it did: a stream may have been fine for hours before.
    if (isFailed) g.bar(Math.max(x, x + w - 6), y - 3, Math.min(6, Math.max(w, 4)), h + 6, colours.wait);
    if (line.what === 'flv') g.label([`FLV stream ${line.status ?? line.end}`, 'FLV'], x, y + h / 2, w);
    g.hit(x, y - 2, Math.max(w, 6), h + 4, () => requestWords(line));
  }
});
function inViewSpans(items) {
  return items.filter(({ fromMs: from, toMs }) => toMs >= view.fromMs && from <= view.toMs);
}
function requestWords(line) {
  const steps = [
    ['queued', line.startedAtMs, line.begunAtMs],
    ['connect', line.begunAtMs, line.sentAtMs],
    ['wait', line.sentAtMs, line.headAtMs],
    ['body', line.headAtMs, line.atMs],
  ].filter(([, from, to]) => from !== undefined && to !== undefined);
  return [
    `${line.method ?? 'GET'} ${shortUrl(line.url)}`,
    `${line.status ?? ''} ${line.end}${line.detail ? ` (${line.detail})` : ''}, ${size(line.bytes)}`.trim(),
    `at ${clock(line.startedAtMs, 2)}, ${span(line.atMs - line.startedAtMs)}`,
    steps.map(([name, from, to]) => `${name} ${span(to - from)}`).join(', '),
  ].join('\n');
}

const socketLines = of('socket');
const SPACES = ['/', '/chat', '/streaming'];
const links = SPACES.flatMap((space, row) => {
  const found = [];
  for (const line of socketLines.filter(({ namespace }) => namespace === space || namespace === undefined)) {
    const last = found.at(-1);
    if (line.what === 'connected') found.push({ row, fromMs: line.atMs, toMs: endMs, how: '' });
    else if (last?.how === '' && ['lost', 'closed', 'gave_up'].includes(line.what)) {
      last.toMs = line.atMs;
      last.how = line.detail ?? line.what;
    }
  }
  return found;
});
lane('sockets', 'Sockets', '↑ sent  ↓ received', 5.4, (g) => {
  g.waits();
  for (const [row, space] of SPACES.entries()) {
    const mid = (0.9 + row * 1.8) * g.rem;
    for (const each of links.filter((link) => link.row === row)) {
      const [x, w] = g.range(each.fromMs, each.toMs);
      if (w <= 0) continue;
      g.bar(x, mid - 1.5, w, 3, colours.play);
      g.hit(
        x,
        mid - 3,
        w,
        6,
        () => `${space} connected ${span(each.toMs - each.fromMs)}${each.how ? `\nended: ${each.how}` : ''}`,
      );
    }
    let lastX = { in: -9, out: -9 };
    for (const each of inView(bySpace[row], ({ atMs }) => atMs)) {
      const x = g.x(each.atMs);
      const up = each.direction === 'out';
      if (x - lastX[each.direction] < 0.7) continue;
      lastX = { ...lastX, [each.direction]: x };
      g.bar(x - 1, up ? mid - 0.75 * g.rem : mid + 2, 2, 0.75 * g.rem - 2, colours[each.direction]);
    }
    for (const each of inView(troubles[row], ({ atMs }) => atMs)) {
      g.bar(g.x(each.atMs) - 2, mid - 0.5 * g.rem, 4, g.rem, colours.wait);
      g.hit(
        g.x(each.atMs) - 4,
        mid - 0.6 * g.rem,
        8,
        1.2 * g.rem,
        () => `${space} ${each.what}${each.detail ? ` (${each.detail})` : ''}\nat ${clock(each.atMs, 2)}`,
      );
    }
    g.tag(space, 2, mid - 0.55 * g.rem);
  }
  g.hitNearestRow(
    bySpace,
    (y) => Math.floor(y / (1.8 * g.rem)),
    (each) =>
      `${each.namespace} ${each.direction === 'in' ? '←' : '→'} ${each.name}${each.dropped ? ' (dropped)' : ''}\nat ${clock(each.atMs, 3)}${each.payload ? `\n${each.payload}` : ''}`,
  );
});
const bySpace = SPACES.map((space) => packets.filter(({ namespace }) => namespace === space));
const troubles = SPACES.map((space) =>
  socketLines.filter(
    ({ namespace, what }) => namespace === space && ['refused', 'lost', 'gave_up'].includes(what),
  ),
);

const actions = packed(
  of('action')
    .map((line) => ({ line, fromMs: Math.min(line.dueAtMs, line.sentAtMs), toMs: line.atMs }))
    .sort((a, b) => a.fromMs - b.fromMs),
  4,
);
lane('actions', 'Actions', 'due to done', 0.5 + actions.rows * 1.15, (g) => {
  g.waits();
  for (const { line, row } of inViewSpans(actions.items)) {
    const y = (0.25 + row * 1.15) * g.rem;
    const h = 0.9 * g.rem;
    const [x, w] = g.range(line.dueAtMs, line.atMs, 4);
    const [lateX, lateW] = g.range(line.dueAtMs, line.sentAtMs);
    const good = ['ok', 'renewed', 'business', 'absent'].includes(line.outcome);
    g.bar(x, y, w, h, colours[good ? 'out' : 'wait']);
    if (lateW > 0) g.bar(lateX, y, lateW, h, colours.queue);
    const room = nextOf(actions.items, line, row, g);
    g.note(line.action, x + w + 3, y + h / 2, room);
    g.hit(x - 2, y, Math.max(8, w + 4), h, () =>
      [
        `${line.action}: ${line.outcome}${line.status === undefined ? '' : ` ${line.status}`}`,
        `due ${clock(line.dueAtMs, 2)}, done ${span(line.atMs - line.dueAtMs)} later`,
        ...(line.sentAtMs - line.dueAtMs >= 1 ? [`begun ${span(line.sentAtMs - line.dueAtMs)} late`] : []),
      ].join('\n'),
    );
  }
});
function nextOf(items, line, row, g) {
  const next = items.find((item) => item.row === row && item.fromMs > line.dueAtMs && item.line !== line);
  return (
    (next ? g.x(next.fromMs) : g.width) - g.range(line.dueAtMs, line.atMs, 4).reduce((a, b) => a + b) - 6
  );
}

lane('axis', 'Time', '', 1.5, (g) => {
  const steps = [
    10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 72e5,
  ];
  const room = (view.toMs - view.fromMs) / (g.width / (4.2 * g.rem));
  const every = steps.find((each) => each >= room) ?? 144e5;
  const digits = every < 100 ? 2 : every < 1000 ? 1 : 0;
  for (let ms = Math.ceil(view.fromMs / every) * every; ms <= view.toMs; ms += every) {
    g.bar(g.x(ms), 0, 1, 0.35 * g.rem, colours.soft);
    g.note(clock(ms, digits), g.x(ms) + 2, 0.85 * g.rem, g.width - g.x(ms) - 2);
  }
});
