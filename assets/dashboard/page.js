// Puts what comes on the page, once a picture.

let state;
let frame;
let stream;

const statusOf = () => {
  const lostMs = stream?.lostForMs();
  if (state === undefined) {
    if (lostMs !== undefined) return ['lost', 'no connection, trying again'];
    return stream?.hasBegun() === false
      ? ['waiting', 'connected; the run has not begun']
      : ['connecting', 'connecting'];
  }
  const { kind, words: text, verdict } = state.status;
  if (kind === 'ended') return [verdict ?? 'ended', text];
  if (lostMs !== undefined)
    return [
      'lost',
      `connection lost ${Math.round(lostMs / 1000)} s ago, trying again; what is shown is of then`,
    ];
  return [kind, text];
};
let statusKind;
const showStatus = () => {
  const [kind, text] = statusOf();
  mark(byId('status'), 'data-kind', kind);
  say(byId('status-words'), text);
  mark(document.documentElement, 'data-stale', kind === 'lost' ? 'true' : undefined);
  if (kind !== statusKind) {
    if (kind === 'lost') announce('The connection to the run is lost');
    else if (kind === 'paused') announce('The run is paused');
    else if (statusKind === 'paused') announce('The run goes on');
    else if (statusKind === 'lost') announce('The connection is back');
    if (state?.status.kind === 'ended') announce(text);
    statusKind = kind;
  }
  const sign = { lost: '⚠ ', fail: '✗ ', pass: '✓ ', invalid: '? ', paused: '‖ ' }[kind] ?? '';
  const name = state === undefined ? 'dorami-load' : `${state.run.profile} ${clock(state.atMs)}`;
  const alerts = state?.alerts.active > 0 ? ` (${state.alerts.active} alerts)` : '';
  if (document.title !== `${sign}${name}${alerts}`) document.title = `${sign}${name}${alerts}`;
};

const draw = () => {
  frame = undefined;
  const { run, phase, atMs, totalMs } = state;
  say(byId('run-profile'), run.profile);
  say(byId('run-phase'), phase);
  say(byId('clock'), clock(atMs));
  const isOver = state.status.kind === 'ended';
  const leftMs = Math.max(0, totalMs - atMs);
  // While the plan waits nobody knows how long it will be.
  const left = state.status.kind === 'paused' ? 'paused' : `${clock(leftMs)} left`;
  say(byId('clock-rest'), isOver ? `of ${clock(totalMs)}` : `of ${clock(totalMs)}, ${left}`);
  say(byId('run-target'), run.target);
  say(byId('run-id'), run.id);
  showStrip(state);
  showContainers(state.containers);
  showBoxes(state.boxes);
  showGaps(state.gaps);
  for (const panel of state.panels) showPanel(panel);
  showAlerts(state.alerts);
  showGate(state.gate, isOver);
  showTrends(state);
  mark(document.body, 'data-drawn', atMs);
};
/** A hidden page draws nothing. */
const soon = () => {
  frame ??= requestAnimationFrame(draw);
};

const take = (news) => {
  state = news.state;
  alertNews(state.alerts);
  showStatus();
  soon();
};

const THEMES = ['auto', 'dark', 'light'];
const KEPT = 'dorami-load-theme';
const kept = () => {
  try {
    return localStorage.getItem(KEPT) ?? 'auto';
  } catch {
    return 'auto';
  }
};
const setTheme = (theme) => {
  mark(document.documentElement, 'data-theme', theme === 'auto' ? undefined : theme);
  byId('theme').textContent = `theme: ${theme}`;
  forgetPlots();
  if (state !== undefined) soon();
};
let theme = THEMES.includes(kept()) ? kept() : 'auto';
setTheme(theme);
byId('theme').addEventListener('click', () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try {
    localStorage.setItem(KEPT, theme);
  } catch {
    // A browser that keeps nothing shows it all the same.
  }
  setTheme(theme);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  forgetPlots();
  if (state !== undefined) soon();
});
addEventListener('resize', () => {
  if (state !== undefined) soon();
});

stream = openStream({
  onSnapshot(news) {
    // Another run on the same port: its alerts are not news of this one.
    if (state !== undefined && state.run.id !== news.state.run.id) alertsKnown = undefined;
    startTrends(news.trends, news.trendSpanMs);
    take(news);
  },
  onUpdate(news) {
    if (news.point !== undefined) addPoint(news.point);
    take(news);
  },
  onChange: () => showStatus(),
});
