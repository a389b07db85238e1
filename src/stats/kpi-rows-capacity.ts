import { chatDelivered } from './chat-delivery.js';
import { type Kpi, type Measured, percentileOf, present, valued } from './kpi.js';
import { READY_FAILURES } from './kpi-rows-session.js';
import type { Sight } from './sight.js';
import type { Level } from './timeline.js';

const MIN_MS = 60_000;
const HOUR_MS = 60 * MIN_MS;
const CAPACITY = { source: 'viewers', mandatory: true, needs: [], window: 'hold' } as const;
/** The share of a window that must have been seen for "all the time" to mean something. */
const COVERAGE = 0.9;

/** The lowest that `level` stood at in the hold. */
function lowest(level: Level, sight: Sight, leastMs: number): Measured {
  const stretches = sight.stretches('hold');
  const values = stretches.flatMap((stretch) => stretch.lowest(level) ?? []);
  const measuredMs = sight.measuredMs('hold');
  const seen = stretches.length > 0 && values.length >= stretches.length * COVERAGE;
  const short =
    measuredMs < leastMs
      ? `the hold was measured for ${(measuredMs / MIN_MS).toFixed(1)} of ${leastMs / MIN_MS} min`
      : undefined;
  const noData = short ?? (seen ? undefined : 'the workers did not all say how many there were');
  return {
    ...(values.length > 0 ? { value: Math.min(...values) } : {}),
    samples: values.length,
    ...(noData === undefined ? {} : { noData }),
    beside: { heldMin: Math.round(measuredMs / 6000) / 10 },
  };
}

function held(
  row: Pick<Kpi, 'title' | 'section' | 'unit' | 'formula' | 'asks'>,
  level: Level,
  least: number,
): Kpi {
  const leastMs = row.asks?.windowMs ?? 0;
  return {
    ...CAPACITY,
    ...row,
    bound: { op: '>=', value: least },
    minSamples: { atLeast: 3 },
    sampleOf: 'stretches of the hold',
    metrics: [level],
    compute: (_view, _run, sight) => lowest(level, sight, leastMs),
  };
}

const LOWEST =
  'lowest at any second of the hold; each worker counts once a second, and the lowest of each within a stretch of 10 s (longer in long runs) are added, which is never more than there were';

export const CCU_SUSTAINED: Kpi = {
  ...held(
    {
      title: 'Viewers watching all the time',
      section: '1.4, 5.1#1',
      unit: 'viewers',
      formula: `viewers with a picture, ${LOWEST}. 30 min are demanded and 25 drawn: --hold 30m gives them`,
      asks: { vus: 500, windowMs: 30 * MIN_MS },
    },
    'vus_watching_count',
    500,
  ),
  needs: ['real_duration'],
};

export const CCU_SOAK: Kpi = {
  ...held(
    {
      title: 'Viewers watching for six hours',
      section: '1.4',
      unit: 'viewers',
      formula: `viewers with a picture, ${LOWEST}. The soak is drawn with 300 viewers: judged with --vus 500 only`,
      asks: { vus: 500, windowMs: 5.5 * HOUR_MS },
    },
    'vus_watching_count',
    500,
  ),
  needs: ['real_duration'],
};

const SESSIONS =
  'a viewer has one connection that carries a session in each of three namespaces, as the page does: 1,500 are sessions over 500 connections';

export const CONNECTIONS_HELD: Kpi = held(
  {
    title: 'Socket.IO connections held',
    section: '1.4',
    unit: 'connections',
    formula: `connections with a ready namespace, ${LOWEST}; ${SESSIONS}`,
    asks: { vus: 500, users: 500 },
  },
  'connections_open_count',
  500,
);

export const SESSIONS_HELD: Kpi = held(
  {
    title: 'Namespace sessions held',
    section: '1.4',
    unit: 'sessions',
    formula: `ready namespaces, ${LOWEST}; ${SESSIONS}`,
    asks: { vus: 500, users: 500 },
  },
  'sessions_open_count',
  1500,
);

export const JOIN_FAILURES: Kpi = {
  ...CAPACITY,
  title: 'Failed connections while viewers come',
  section: '2.2 ramp',
  unit: 'errors',
  window: 'join',
  formula:
    'namespaces that did not get ready and attempts to watch that failed, while viewers come; a single one is too many',
  bound: { op: '<=', value: 0 },
  minSamples: { perViewer: { share: 0.9, of: 'vus' } },
  sampleOf: 'attempts to watch',
  metrics: ['socket_failed_count', 'start_failed_count', 'play_attempt_count'],
  compute(view) {
    const sockets = Object.entries(view.byLabel('socket_failed_count')).filter(([label]) =>
      READY_FAILURES.some((reason) => label.endsWith(`_${reason}`)),
    );
    const { stopped = 0, ...starts } = view.byLabel('start_failed_count');
    const counts = { ...Object.fromEntries(sockets), ...starts };
    return {
      value: Object.values(counts).reduce((sum, count) => sum + count, 0),
      samples: view.count('play_attempt_count') - stopped,
      beside: counts,
    };
  },
};

/** Watched, not judged: it depends on the bitrate of the stream. */
export const MEDIA_RECEIVED: Kpi = {
  ...CAPACITY,
  title: 'Media received by all viewers',
  section: '1.3',
  mandatory: false,
  monitored: true,
  unit: 'Mbit/s',
  formula: 'bytes of media x 8 / seconds of the hold; what leaves the media server, as far as viewers get it',
  bound: { op: '>=', value: 0 },
  minSamples: { atLeast: 1 },
  sampleOf: 'seconds of the hold',
  metrics: ['received_bytes'],
  compute(view, _run, sight) {
    const seconds = sight.measuredMs('hold') / 1000;
    return {
      ...valued(seconds > 0 ? (view.count('received_bytes') * 8) / 1e6 / seconds : undefined),
      samples: Math.floor(seconds),
    };
  },
};

const BURST = { source: 'viewers', window: 'burst', needs: ['two_accounts', 'writes'] } as const;
const BURST_PER_S = 50;

export const CHAT_THROUGHPUT: Kpi = {
  ...BURST,
  title: 'Chat messages carried in the burst',
  section: '1.4',
  mandatory: true,
  unit: 'messages/s',
  formula:
    "messages that came back to their senders / seconds of the burst; no data where the viewers wrote fewer than 50 a second themselves. No scenario's own rates come to 50",
  bound: { op: '>=', value: BURST_PER_S },
  minSamples: { atLeast: 500 },
  sampleOf: 'messages sent',
  // Nobody may write more than 20 messages in 10 s.
  asks: { users: 55 },
  metrics: ['chat_echo_count', 'chat_sent_count', 'chat_not_sent_count'],
  compute(view, _run, sight) {
    const seconds = sight.measuredMs('burst') / 1000;
    const sent = view.count('chat_sent_count');
    const echoed = view.count('chat_echo_count');
    const offeredPerS = seconds > 0 ? sent / seconds : 0;
    const little = seconds > 0 && offeredPerS < BURST_PER_S;
    return {
      ...valued(seconds > 0 ? echoed / seconds : undefined),
      samples: sent,
      ...(little ? { noData: `the viewers wrote ${offeredPerS.toFixed(1)} messages a second` } : {}),
      ...(echoed > sent ? { noData: `${echoed} echoes of ${sent} messages` } : {}),
      beside: { offeredPerS, notSent: view.count('chat_not_sent_count') },
    };
  },
};

export const CHAT_BURST_DELIVERY: Kpi = {
  ...BURST,
  title: 'Chat delivered in the burst',
  comesLater: true,
  section: '1.4 (delivery)',
  mandatory: true,
  unit: '%',
  formula:
    'arrivals at other viewers of this run / arrivals expected when the messages were sent x 100, in the burst',
  bound: { op: '>=', value: 99 },
  minSamples: { atLeast: 500 },
  sampleOf: 'expected arrivals',
  metrics: ['chat_expected_count', 'chat_delivered_count'],
  compute: (view) => chatDelivered(view),
};

export const CHAT_BURST_P95: Kpi = {
  ...BURST,
  title: 'Chat delivery in the burst, p95',
  section: '5.2 A5 (in the burst)',
  mandatory: false,
  unit: 'ms',
  formula: 'p95 of the time from when a message was due to its arrival at another viewer, in the burst',
  bound: { op: '<', value: 200 },
  minSamples: { atLeast: 500 },
  sampleOf: 'arrivals',
  metrics: ['chat_delivery_since_due_ms', 'chat_delivery_ms'],
  compute(view) {
    const spread = view.spread('chat_delivery_since_due_ms');
    return {
      ...percentileOf(spread, 95),
      beside: present({
        sinceSentP95Ms: view.spread('chat_delivery_ms').percentileMs(95),
        p99Ms: spread.percentileMs(99),
      }),
    };
  },
};
