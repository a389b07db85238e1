(() => {
  const { vu, unreadable, lines } = JSON.parse(document.getElementById('trace').textContent);
  const of = (kind) => lines.filter((line) => line.kind === kind);
  const head = of('head')[0];
  const events = of('event');
  const named = (name) => events.filter((event) => event.name === name);
  const fromMs = Math.min(named('vu_started')[0]?.atMs ?? lines[0]?.atMs ?? 0, 1e12);
  const endMs = lines.reduce((latest, line) => Math.max(latest, line.atMs), fromMs + 1000);
  const FULL = { fromMs, toMs: endMs + (endMs - fromMs) * 0.01 };
  const view = { ...FULL };

  // ---- words -------------------------------------------------------------------------------------------------

  const span = (ms) =>
    ms < 995
      ? `${Math.round(ms)} ms`
      : ms < 99_500
        ? `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`
        : clock(ms, 0);
  const clock = (ms, digits) => {
    const sign = ms < 0 ? '-' : '';
    const whole = Math.abs(ms) / 1000;
    const minutes = Math.floor(whole / 60);
    const seconds = (whole - minutes * 60).toFixed(digits).padStart(digits === 0 ? 2 : 3 + digits, '0');
    if (Number(seconds) >= 60) return clock((ms < 0 ? -1 : 1) * (minutes + 1) * 60_000, digits);
    const hours = Math.floor(minutes / 60);
    return hours > 0
      ? `${sign}${hours}:${String(minutes % 60).padStart(2, '0')}:${seconds}`
      : `${sign}${minutes}:${seconds}`;
  };
  const size = (bytes) =>
    bytes < 1e3
      ? `${bytes} B`
      : bytes < 1e6
        ? `${(bytes / 1e3).toFixed(1)} KB`
        : `${(bytes / 1e6).toFixed(2)} MB`;
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };

  // ---- what the person saw -----------------------------------------------------------------------------------

  const ended = named('rebuffer_ended');
  const rebuffers = ended.map(({ facts }) => ({
    fromMs: facts.startedAtMs,
    toMs: facts.startedAtMs + facts.durationMs,
    isOpen: facts.cutOff === true,
  }));
  for (const { facts } of named('rebuffer_started')) {
    // A run that was killed in the middle of one.
    if (!ended.some((end) => end.facts.startedAtMs === facts.startedAtMs))
      rebuffers.push({ fromMs: facts.startedAtMs, toMs: endMs, isOpen: true });
  }
  rebuffers.sort((a, b) => a.fromMs - b.fromMs);
  const frozen = named('frozen').map(({ facts }) => ({
    fromMs: facts.startedAtMs,
    toMs: facts.startedAtMs + facts.durationMs,
  }));
  const firstFrame = named('first_frame')[0];
  const lags = of('lag').map(({ atMs, lateMs }) => ({ fromMs: atMs - lateMs, toMs: atMs }));
  const lagMs = lags.reduce((total, lag) => total + lag.toMs - lag.fromMs, 0);
  const states = of('state');
  // A player is there from its first state to `stopped`: between two visits, and while the page has taken it away,
  // nothing is seen. Once it has played it waits or plays, until the media is over.
  const saw = [];
  let piece;
  const closePiece = (atMs) => {
    if (piece !== undefined) saw.push({ ...piece, toMs: Math.max(piece.fromMs, atMs) });
    piece = undefined;
  };
  for (const { state, atMs } of states) {
    const kind =
      state === 'running' || (piece?.kind === 'play' && state !== 'ended' && state !== 'stopped')
        ? 'play'
        : ({ ended: 'queue', stopped: '', idle: '' }[state] ?? (piece?.kind === 'queue' ? 'play' : 'load'));
    if (kind === piece?.kind) continue;
    closePiece(atMs);
    const text = { load: 'no picture yet', play: 'plays', queue: 'stream over' }[kind];
    if (text !== undefined) piece = { kind, fromMs: atMs, text };
  }
  closePiece(Math.max(endMs, piece?.fromMs ?? 0));
  for (const each of rebuffers)
    saw.push({ kind: 'wait', ...each, text: `waits ${span(each.toMs - each.fromMs)}` });
  for (const each of frozen)
    saw.push({ kind: 'still', ...each, text: `picture stands ${span(each.toMs - each.fromMs)}` });
  for (const gap of of('gap'))
    saw.push({ kind: 'line', fromMs: gap.fromAtMs, toMs: gap.atMs, text: 'not kept' });

  // ---- moments: what a person wants to be led to --------------------------------------------------------------

  const QUIET = new Set([
    ...['play_attempt', 'first_byte', 'first_tag', 'first_keyframe', 'media_ready', 'moving', 'playing'],
    ...[
      'rebuffer_started',
      'socket_ready',
      'join_attempt',
      'chat_sent',
      'product_event',
      'watched',
      'micro_wait',
    ],
  ]);
  const BAD = new Set([
    ...[
      'rebuffer_ended',
      'frozen',
      'start_failed',
      'media_error',
      'playlist_error',
      'playlist_stale',
      'vu_lost',
    ],
    ...[
      'context_lost',
      'segment_expired',
      'flv_ended',
      'player_dead',
      'socket_failed',
      'join_lost',
      'sequence_reset',
    ],
    ...[
      'socket_disconnected',
      'socket_gave_up',
      'socket_error',
      'socket_garbage',
      'chat_echo_lost',
      'no_video',
    ],
    ...['player_reload', 'protocol_switched', 'action_late', 'action_skipped', 'chat_not_sent'],
  ]);
  const WORDS = {
    vu_started: () => 'comes',
    vu_joined: () => 'has picture and rooms',
    vu_left: () => 'leaves',
    vu_lost: (facts) => `is lost (${facts.reason})`,
    first_frame: (facts) => `first frame after ${span(facts.sinceStartMs)}`,
    rebuffer_ended: (facts) => `waits ${span(facts.durationMs)} for media`,
    frozen: (facts) => `picture stands ${span(facts.durationMs)}`,
    seek: (facts) =>
      // Whether what lies there was shown before is told by the seconds: a new publisher begins at 0 with new pictures.
      facts.skippedMs > 0
        ? `jumps ahead ${span(facts.skippedMs)} (${facts.cause})`
        : `jumps back ${span(facts.replayedMs)} (${facts.cause})`,
    flv_ended: (facts) => `FLV stream ends (${facts.how})`,
    protocol_switched: (facts) =>
      `${String(facts.from).toUpperCase()} given up (${facts.cause}): other protocol`,
    sequence_reset: () => 'segment numbers begin anew: publisher restarted',
    context_lost: () => 'HLS session forgotten',
    playlist_stale: () => 'playlist stands still',
    player_reload: (facts) => `player loads again (${facts.cause})`,
    player_dead: (facts) => `player is dead (${facts.reason})`,
    socket_disconnected: (facts) => `socket lost (${facts.reason})`,
    socket_reconnected: (facts) => `socket back after ${span(facts.downMs)}`,
    join_confirmed: (facts) => `joined ${facts.namespace} in ${span(facts.sinceAttemptMs)}`,
    stream_ended_notice: () => 'told that the stream is over',
    player_unmounted: () => 'page takes the player away',
    join_lost: (facts) => `join of ${facts.namespace} lost`,
    action_late: (facts) => `begins an action ${span(facts.lateMs)} late, by our own lag`,
    clock_warning: (facts) => `picture from ${span(facts.aheadMs)} in the future: the clocks differ`,
  };
  const plainWords = ({ name, facts }) => {
    const told = Object.entries(facts).map(([fact, value]) => `${fact} ${value}`);
    return [name.replaceAll('_', ' '), ...(told.length > 0 ? [`(${told.join(', ')})`] : [])].join(' ');
  };
  const momentOf = (event) => ({
    atMs: event.facts.startedAtMs ?? event.atMs,
    name: event.name,
    bad: BAD.has(event.name),
    text: (WORDS[event.name] ?? (() => plainWords(event)))(event.facts),
    lengthMs: event.facts.durationMs ?? 0,
  });
  const failed = of('request').filter(
    ({ end, status = 200 }) => (end !== 'complete' && end !== 'aborted') || status >= 400,
  );
  const moments = [
    ...events.filter(({ name }) => !QUIET.has(name)).map(momentOf),
    ...failed.map((request) => ({
      atMs: request.atMs,
      name: 'request_failed',
      bad: true,
      text: `${request.method} ${shortUrl(request.url)}: ${request.end === 'complete' ? request.status : request.end}`,
      lengthMs: request.atMs - request.startedAtMs,
    })),
    ...of('lag').map((lag) => ({
      ...{ atMs: lag.atMs - lag.lateMs, name: 'lag', bad: true, lengthMs: lag.lateMs },
      text: `our own machine was held up ${span(lag.lateMs)}: not the platform's doing`,
    })),
    ...of('lost').map((lost) => ({
      ...{ atMs: lost.atMs, name: 'lost', bad: true, lengthMs: 0 },
      text: `${lost.lines} lines of this trace were lost (${lost.why})`,
    })),
    ...of('gap').map((gap) => ({
      ...{ atMs: gap.fromAtMs, name: 'gap', bad: true, lengthMs: gap.atMs - gap.fromAtMs },
      text: `not kept: ${gap.lines} lines of ${span(gap.atMs - gap.fromAtMs)}, the file was at its limit`,
    })),
  ].sort((a, b) => a.atMs - b.atMs);

  function shortUrl(url) {
    try {
      const { pathname } = new URL(url);
      return pathname;
    } catch {
      return url;
    }
  }

  // ---- the page ----------------------------------------------------------------------------------------------

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
  const clockMs = of('latency').map(
    ({ clockUncertaintyMs }) => clockUncertaintyMs ?? Number.POSITIVE_INFINITY,
  );
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

  // ---- lanes -------------------------------------------------------------------------------------------------

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
    for (const line of socketLines.filter(
      ({ namespace }) => namespace === space || namespace === undefined,
    )) {
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
          () =>
            `${space} connected ${span(each.toMs - each.fromMs)}${each.how ? `\nended: ${each.how}` : ''}`,
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

  // ---- the list of moments -----------------------------------------------------------------------------------

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

  // ---- drawing -----------------------------------------------------------------------------------------------

  function pen(made) {
    const { canvas } = made;
    const unit = rem();
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.parentElement.clientWidth - (canvas.offsetLeft - canvas.parentElement.offsetLeft);
    const wide = Math.max(50, canvas.clientWidth || width);
    const high = Math.round(made.heightRem * unit);
    canvas.style.height = `${high}px`;
    canvas.width = Math.round(wide * ratio);
    canvas.height = Math.round(high * ratio);
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, wide, high);
    context.font = `${Math.round(unit * 0.75)}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
    made.hits = [];
    const x = (ms) => ((ms - view.fromMs) / (view.toMs - view.fromMs)) * wide;
    const g = {
      ...{ context, width: wide, height: high, rem: unit, x },
      /** Left edge and width on screen, cut to what can be seen. */
      range(from, to, least = 0) {
        const left = Math.max(-4, x(from));
        const right = Math.min(wide + 4, x(to));
        return [left, right < -4 || left > wide + 4 ? 0 : Math.max(least, right - left)];
      },
      bar(left, y, w, h, colour) {
        context.fillStyle = colour;
        context.fillRect(left, y, w, h);
      },
      hatch(left, y, w, h) {
        context.save();
        context.beginPath();
        context.rect(left, y, w, h);
        context.clip();
        context.strokeStyle = colours.card;
        context.globalAlpha = 0.25;
        context.lineWidth = 3;
        for (let at = left - h; at < left + w; at += 10) {
          context.beginPath();
          context.moveTo(at, y + h);
          context.lineTo(at + h, y);
          context.stroke();
        }
        context.restore();
      },
      /** The first of the texts that has room on a bar. */
      label(texts, left, y, w) {
        const from = Math.max(left, 0);
        const room = Math.min(left + w, wide) - from;
        const text = texts.find((each) => context.measureText(each).width + 6 <= room);
        if (text !== undefined) g.plain(text, from + 3, y, colours.card);
      },
      measure: (text) => context.measureText(text).width,
      plain(text, left, y, colour) {
        context.fillStyle = colour;
        context.fillText(text, left, y + 1);
      },
      note(text, left, y, room) {
        if (context.measureText(text).width > room || left > wide) return;
        context.fillStyle = colours.soft;
        context.fillText(text, left, y + 1);
      },
      tag(text, left, y) {
        const w = context.measureText(text).width + 4;
        context.globalAlpha = 0.85;
        g.bar(left, y - 0.45 * unit, w, 0.9 * unit, colours.card);
        context.globalAlpha = 1;
        context.fillStyle = colours.soft;
        context.fillText(text, left + 2, y + 1);
      },
      grid(y, text) {
        context.fillStyle = colours.line;
        context.fillRect(0, Math.round(y), wide, 1);
        if (text && y > 0.6 * unit) g.tag(text, 2, y - 0.5 * unit);
      },
      /** Stretches of waiting stand behind every lane, so that causes are seen above each other. */
      waits() {
        for (const each of [...rebuffers, ...frozen]) {
          const [left, w] = g.range(each.fromMs, each.toMs);
          if (w > 0) g.bar(left, 0, w, high, colours['wait-soft']);
        }
        for (const each of lags) {
          const [left, w] = g.range(each.fromMs, each.toMs);
          if (w <= 0) continue;
          context.globalAlpha = 0.45;
          g.bar(left, 0, w, high, colours.queue);
          context.globalAlpha = 1;
        }
      },
      hit(left, y, w, h, words) {
        if (w > 0) made.hits.push({ left, y, w, h, words });
      },
      hitNearest(items, atOf, words) {
        made.nearest = (px) => {
          const near = items.reduce((best, item) => {
            const far = Math.abs(x(atOf(item)) - px);
            return best === undefined || far < best.far ? { item, far } : best;
          }, undefined);
          return near && near.far < 24 ? words(near.item) : undefined;
        };
      },
      hitNearestRow(rows, rowOf, words) {
        made.nearest = (px, py) => {
          const items = inView(rows[rowOf(py)] ?? [], ({ atMs }) => atMs);
          const near = items
            .map((item) => ({ item, far: Math.abs(x(item.atMs) - px) }))
            .filter(({ far }) => far < 6)
            .sort((a, b) => a.far - b.far);
          const more = near.filter(
            ({ item }) => item !== near[0]?.item && Math.abs(x(item.atMs) - x(near[0].item.atMs)) < 2,
          );
          if (near.length === 0) return undefined;
          return `${words(near[0].item)}${more.length > 0 ? `\nand ${more.length} more here` : ''}`;
        };
      },
    };
    return g;
  }

  let asked = 0;
  function draw() {
    if (asked !== 0) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      readColours();
      for (const made of lanes) made.paint(pen(made));
      chart.dataset.from = String(Math.round(view.fromMs));
      chart.dataset.to = String(Math.round(view.toMs));
    });
  }

  function show(from, to) {
    const widest = FULL.toMs - FULL.fromMs;
    const length = Math.min(widest, Math.max(20, to - from));
    view.fromMs = Math.max(FULL.fromMs, Math.min(from, FULL.toMs - length));
    view.toMs = view.fromMs + length;
    draw();
  }
  function zoom(factor, aroundMs = (view.fromMs + view.toMs) / 2) {
    show(aroundMs - (aroundMs - view.fromMs) * factor, aroundMs + (view.toMs - aroundMs) * factor);
  }
  function pan(share) {
    const byMs = (view.toMs - view.fromMs) * share;
    show(view.fromMs + byMs, view.toMs + byMs);
  }
  function goTo(moment) {
    const around = Math.max(3000, moment.lengthMs);
    show(moment.atMs - around / 2, moment.atMs + moment.lengthMs + around / 2);
    chart.scrollIntoView({ block: 'nearest' });
  }
  let current = -1;
  function step(by) {
    if (moments.length === 0) return;
    current = Math.min(moments.length - 1, Math.max(0, current + by));
    goTo(moments[current]);
    tip.textContent = `${clock(moments[current].atMs, 2)}  ${moments[current].text}`;
    const box = chart.getBoundingClientRect();
    place(box.left + box.width / 2, Math.max(0, box.top));
  }

  // ---- pointer and keys --------------------------------------------------------------------------------------

  const msAt = (canvas, clientX) => {
    const box = canvas.getBoundingClientRect();
    return view.fromMs + ((clientX - box.left) / box.width) * (view.toMs - view.fromMs);
  };
  function place(clientX, clientY) {
    tip.hidden = false;
    const { offsetWidth: w, offsetHeight: h } = tip;
    tip.style.left = `${Math.max(4, Math.min(clientX + 14, window.innerWidth - w - 4))}px`;
    tip.style.top = `${clientY + 18 + h > window.innerHeight ? Math.max(4, clientY - h - 12) : clientY + 18}px`;
  }
  function point(made, event) {
    const box = made.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const hit = made.hits.findLast(
      ({ left, y, w, h }) => px >= left && px <= left + w && py >= y && py <= y + h,
    );
    const words = hit ? hit.words() : made.nearest?.(px, py);
    tip.hidden = words === undefined;
    if (words === undefined) return;
    tip.textContent = words;
    place(event.clientX, event.clientY);
  }
  const fingers = new Map();
  for (const made of lanes) {
    const { canvas } = made;
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, event.clientX);
      canvas.classList.add('dragged');
      if (made.id === 'overview') jump(canvas, event.clientX);
    });
    canvas.addEventListener('pointermove', (event) => {
      const before = fingers.get(event.pointerId);
      if (before === undefined) {
        point(made, event);
        return;
      }
      tip.hidden = true;
      const width = canvas.clientWidth;
      const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      if (made.id === 'overview') jump(canvas, event.clientX);
      else if (others.length === 1) {
        const [wide, now] = [Math.abs(before - others[0]), Math.abs(event.clientX - others[0])];
        if (wide > 8 && now > 8) zoom(wide / now, msAt(canvas, others[0]));
      } else pan((before - event.clientX) / width);
      fingers.set(event.pointerId, event.clientX);
    });
    const up = (event) => {
      fingers.delete(event.pointerId);
      canvas.classList.remove('dragged');
      if (event.type === 'pointerup') point(made, event);
    };
    canvas.addEventListener('pointerup', up);
    canvas.addEventListener('pointercancel', up);
    canvas.addEventListener('pointerleave', () => {
      tip.hidden = true;
    });
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / canvas.clientWidth);
        else zoom(1.0015 ** event.deltaY, msAt(canvas, event.clientX));
      },
      { passive: false },
    );
  }
  function jump(canvas, clientX) {
    const box = canvas.getBoundingClientRect();
    const atMs = FULL.fromMs + ((clientX - box.left) / box.width) * (FULL.toMs - FULL.fromMs);
    const half = (view.toMs - view.fromMs) / 2;
    show(atMs - half, atMs + half);
  }
  const KEYS = {
    ArrowLeft: () => pan(-0.2),
    ArrowRight: () => pan(0.2),
    '+': () => zoom(0.5),
    '=': () => zoom(0.5),
    '-': () => zoom(2),
    0: () => show(FULL.fromMs, FULL.toMs),
    Home: () => show(FULL.fromMs, FULL.fromMs + view.toMs - view.fromMs),
    End: () => show(FULL.toMs - (view.toMs - view.fromMs), FULL.toMs),
    '[': () => step(-1),
    ']': () => step(1),
    Escape: () => {
      tip.hidden = true;
    },
  };
  chart.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || KEYS[event.key] === undefined) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  window.addEventListener('resize', draw);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  draw();
})();
