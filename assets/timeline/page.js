// The head of the page: facts, tools, and the frame of the chart.

const protocols = [
  ...new Set(named('play_attempt').map(({ facts: { protocol } }) => String(protocol).toUpperCase())),
];
const sum = (values) => values.reduce((total, value) => total + value, 0);
const waitedMs = sum(rebuffers.map(({ fromMs: from, toMs }) => toMs - from));
const frozenMs = sum(frozen.map(({ fromMs: from, toMs }) => toMs - from));
const latencies = of('latency').map(({ latencyMs }) => latencyMs);
const replayedMs = sum(of('second').map((second) => second.replayedMs));
// How far a latency is from the truth by the clocks; the worst is told.
const UNKNOWN = 'clock unknown';
const clockMs = of('latency').map(({ clockUncertaintyMs }) => clockUncertaintyMs ?? Number.POSITIVE_INFINITY);
const worstClockMs = clockMs.reduce((worst, each) => Math.max(worst, each), 0);
const clockWords =
  worstClockMs === 0
    ? 'same clock'
    : Number.isFinite(worstClockMs)
      ? `±${worstClockMs < 9.95 ? `${Math.max(0.1, worstClockMs).toFixed(1)} ms` : span(worstClockMs)}`
      : UNKNOWN;
const packets = of('packet');
const facts = [
  ['first-frame', firstFrame ? span(firstFrame.facts.sinceStartMs) : 'never', 'first frame', !firstFrame],
  ['rebuffers', String(rebuffers.length), 'rebuffers', rebuffers.length > 0],
  ['waited', span(waitedMs), 'waiting for media', waitedMs > 0],
  ['frozen', span(frozenMs), 'picture stood', frozenMs > 0],
  ...(replayedMs > 0 ? [['replayed', span(replayedMs), 'seen again', true]] : []),
  [
    'latency',
    latencies.length > 0 ? span(median(latencies)) : 'unknown',
    `median latency${latencies.length > 0 ? `, ${clockWords}` : ''}`,
    clockWords === UNKNOWN,
  ],
  ['received', size(sum(of('second').map(({ bytes }) => bytes))), 'of media', false],
  ['requests', `${failed.length} of ${of('request').length}`, 'requests failed', failed.length > 0],
  ['packets', String(packets.length), 'socket packets', false],
  ...(lagMs > 0 ? [['lag', span(lagMs), 'our own lag', true]] : []),
];
const factList = make('ul', { class: 'facts' });
for (const [id, value, name, bad] of facts)
  factList.append(
    make(
      'li',
      { 'data-fact': id, ...(bad ? { class: 'bad' } : {}) },
      make('b', {}, value),
      make('span', { class: 'unit' }, name),
    ),
  );
const started = head
  ? new Date(head.startEpochMs).toISOString().replace('T', ' ').replace('Z', ' UTC')
  : 'unknown';
const button = (text, label, act) => {
  const made = make('button', { type: 'button', 'aria-label': label, title: label }, text);
  made.addEventListener('click', act);
  return made;
};
const tools = make(
  'div',
  { class: 'tools', role: 'toolbar', 'aria-label': 'Zoom and colours' },
  button('−', 'zoom out (-)', () => zoom(2)),
  button('+', 'zoom in (+)', () => zoom(0.5)),
  button('All', 'whole story (0)', () => show(FULL.fromMs, FULL.toMs)),
  button('◀', 'previous moment ([)', () => step(-1)),
  button('▶', 'next moment (])', () => step(1)),
  button('◐', 'dark or light', () => {
    const isDark =
      getComputedStyle(document.documentElement).getPropertyValue('--paper').trim() === '#10151b';
    document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
    draw();
  }),
);
const chart = make('div', {
  ...{ class: 'chart', tabindex: '0', role: 'group' },
  'aria-label':
    'Timeline. Arrow keys move, plus and minus zoom, 0 shows all, brackets go from moment to moment.',
});
const tip = make('div', { class: 'tip', role: 'status' });
tip.hidden = true;
document.body.append(
  make(
    'div',
    { class: 'top' },
    make(
      'div',
      {},
      make('h1', {}, `Viewer ${vu}${protocols.length > 0 ? ` over ${protocols.join(', then ')}` : ''}`),
      make(
        'p',
        { class: 'sub' },
        `${head ? `${head.run}, ` : ''}0:00 is ${started}, ${span(endMs - fromMs)} long`,
      ),
    ),
    tools,
  ),
  factList,
  chart,
);
