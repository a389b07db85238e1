// What came and what was seen of it.

lane('overview', 'All', '', 1, (g) => {
  const x = (ms) => ((ms - FULL.fromMs) / (FULL.toMs - FULL.fromMs)) * g.width;
  for (const each of saw)
    g.bar(x(each.fromMs), 0.2 * g.rem, x(each.toMs) - x(each.fromMs), 0.6 * g.rem, colours[each.kind]);
  g.context.strokeStyle = colours.ink;
  g.context.lineWidth = 2;
  g.context.strokeRect(x(view.fromMs) + 1, 1, Math.max(4, x(view.toMs) - x(view.fromMs) - 2), g.height - 2);
});

// What a person is led to at a glance: a flag per moment, as far as there is room for its words.
const FLAGS = {
  vu_started: () => 'comes',
  first_frame: () => 'first frame',
  vu_left: () => 'leaves',
  vu_lost: () => 'lost',
  seek: ({ facts }) => (facts.skippedMs > 0 ? 'jumps ahead' : 'jumps back'),
  flv_ended: ({ facts }) => `FLV ${facts.how}`,
  protocol_switched: ({ facts }) => `now ${facts.from === 'flv' ? 'HLS' : 'FLV'}`,
  sequence_reset: () => 'publisher restarted',
  context_lost: () => 'HLS session lost',
  playlist_stale: () => 'playlist stands still',
  playlist_error: () => 'bad playlist',
  media_error: () => 'bad media',
  player_reload: () => 'player reloads',
  player_dead: () => 'player dead',
  player_unmounted: () => 'player taken away',
  start_failed: () => 'no start',
  socket_disconnected: () => 'socket lost',
  socket_reconnected: () => 'socket back',
  socket_failed: () => 'socket fails',
  socket_gave_up: () => 'socket given up',
  join_lost: () => 'join lost',
  stream_ended_notice: () => 'told: stream over',
};
const flags = [
  ...events
    .filter(({ name }) => FLAGS[name] !== undefined)
    .map((event) => ({ atMs: event.atMs, bad: BAD.has(event.name), text: FLAGS[event.name](event) })),
  ...lags.map((lag) => ({ atMs: lag.fromMs, bad: true, text: 'own lag' })),
].sort((a, b) => a.atMs - b.atMs);
lane('moments', 'Moments', '', 2.9, (g) => {
  const freeAt = [0, 0, 0];
  let last = { x: -99, text: '' };
  for (const each of inView(flags, ({ atMs }) => atMs)) {
    const x = g.x(each.atMs);
    if (x < -2 || x > g.width + 2) continue;
    const colour = colours[each.bad ? 'wait' : 'soft'];
    g.bar(x - 1, 0, 2, g.height, colour);
    g.hit(x - 4, 0, 8, g.height, () => `${each.text}\n${clock(each.atMs, 2)}`);
    if (each.text === last.text && x - last.x < 4) continue;
    last = { x, text: each.text };
    const w = g.measure(each.text) + 8;
    const left = x + w > g.width ? x - w : x + 3;
    const row = freeAt.findIndex((at) => at <= left);
    if (row < 0) continue;
    freeAt[row] = left + w;
    g.plain(each.text, left, (0.5 + row * 0.95) * g.rem, colour);
    g.hit(left, row * 0.95 * g.rem, w, 0.95 * g.rem, () => `${each.text}\n${clock(each.atMs, 2)}`);
  }
});

lane('saw', 'What it saw', 'and the player', 2.9, (g) => {
  for (const each of saw) {
    const [x, w] = g.range(each.fromMs, each.toMs);
    if (w <= 0) continue;
    g.bar(x, 0, w, 1.9 * g.rem, colours[each.kind]);
    if (each.kind === 'wait') g.hatch(x, 0, w, 1.9 * g.rem);
    g.label([each.text, span(each.toMs - each.fromMs)], x, 0.95 * g.rem, w);
    g.hit(x, 0, w, 1.9 * g.rem, () => `${each.text}\n${clock(each.fromMs, 2)} to ${clock(each.toMs, 2)}`);
  }
  const shade = { running: 'play', stalled: 'wait', starting: 'load', seeking: 'out', ended: 'queue' };
  for (const [i, each] of states.entries()) {
    const toMs = states[i + 1]?.atMs ?? endMs;
    if (shade[each.state] === undefined) continue;
    const [x, w] = g.range(each.atMs, toMs);
    if (w <= 0) continue;
    g.bar(x, 2.1 * g.rem, w, 0.65 * g.rem, colours[shade[each.state]]);
    g.hit(
      x,
      2 * g.rem,
      w,
      0.9 * g.rem,
      () => `player ${each.state} for ${span(toMs - each.atMs)}\nfrom ${clock(each.atMs, 2)}`,
    );
  }
});

const levels = of('level');
const mostMs = levels.reduce((most, { bufferedMs }) => Math.max(most, bufferedMs), 1000);
lane('buffer', 'Buffer', 'seconds ahead', 5, (g) => {
  const top = Math.ceil(mostMs / 1000) * 1000;
  const y = (ms) => g.height - 2 - (Math.min(ms, top) / top) * (g.height - 6);
  g.waits();
  const every = top <= 4000 ? 1000 : top <= 10_000 ? 2000 : Math.ceil(top / 5000) * 1000;
  for (let ms = 0; ms <= top; ms += every) g.grid(y(ms), '');
  const shown = inView(levels, ({ atMs }) => atMs);
  const { context } = g;
  for (const part of partsOf(shown, 2000)) {
    context.beginPath();
    context.moveTo(g.x(part[0].atMs), y(0));
    for (const each of part) context.lineTo(g.x(each.atMs), y(each.bufferedMs));
    context.lineTo(g.x(part.at(-1).atMs), y(0));
    context.fillStyle = colours['play-soft'];
    context.fill();
    context.beginPath();
    for (const each of part) context.lineTo(g.x(each.atMs), y(each.bufferedMs));
    context.strokeStyle = colours.play;
    context.lineWidth = 2;
    context.stroke();
  }
  // Above the buffer, or it hides them.
  for (let ms = 0; ms <= top; ms += every)
    if (y(ms) > 0.6 * g.rem) g.tag(`${ms / 1000} s`, 2, y(ms) - 0.5 * g.rem);
  g.hitNearest(
    shown,
    ({ atMs }) => atMs,
    (each) => `${span(each.bufferedMs)} buffered\nat ${clock(each.atMs, 2)}`,
  );
});

/** A viewer that was away has no level meanwhile. */
function partsOf(items, mostGapMs) {
  const parts = [];
  for (const item of items) {
    const part = parts.at(-1);
    if (part && item.atMs - part.at(-1).atMs <= mostGapMs) part.push(item);
    else parts.push([item]);
  }
  return parts;
}

const arrivals = of('arrival');
const keyframes = of('keyframe');
const rates = arrivals
  .map(({ bytes, spanMs }) => (bytes * 8) / Math.max(50, spanMs) / 1000)
  .sort((a, b) => a - b);
const topRate = Math.max(1, rates[Math.floor(rates.length * 0.98)] ?? 1);
lane('media', 'Media arrival', `to ${topRate.toFixed(1)} Mbit/s`, 3.6, (g) => {
  const base = g.height - 0.7 * g.rem;
  g.waits();
  g.grid(base, '');
  const shown = inView(arrivals, ({ atMs }) => atMs);
  for (const each of shown) {
    const rate = (each.bytes * 8) / Math.max(50, each.spanMs) / 1000;
    const [x, w] = g.range(each.atMs - each.spanMs, each.atMs);
    const h = Math.max(2, Math.min(1, rate / topRate) * (base - 2));
    g.bar(x, base - h, Math.max(1, w - 1), h, colours.ttfb);
  }
  for (const each of inView(keyframes, ({ atMs }) => atMs))
    g.bar(g.x(each.atMs) - 1, base + 0.15 * g.rem, 2, 0.45 * g.rem, colours.still);
  g.hitNearest(
    shown,
    ({ atMs, spanMs }) => atMs - spanMs / 2,
    (each) =>
      `${size(each.bytes)}${each.tags ? `, ${each.tags} tags` : ''}${each.segments ? `, ${each.segments} segments` : ''}\nin ${span(each.spanMs)} to ${clock(each.atMs, 2)}`,
  );
});
