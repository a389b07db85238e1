import type { FaultClass } from '../events.js';
import { type Kpi, type Measured, percent, percentileOf, present, valued } from './kpi.js';
import { ALL_FAULT_CLASSES, NAMESPACES } from './label-sets.js';
import type { View } from './view.js';

/**
 * What planned faults leave behind. Everything is counted in the phase in which its fault began and divided by what the
 * fault broke, so these rows look at the whole run and pick their own.
 */
const RECOVERY = { source: 'viewers', mandatory: true, window: 'run', needs: [] } as const;

/** Most viewers watch when a fault begins; a run that lost them before it shows nothing by it. */
const MOST_VIEWERS = { perViewer: { share: 0.8, of: 'vus' } } as const;

const MISSING = ['picture', 'socket', 'both'] as const;

/** Less than this share of the viewers that faced faults left as planned before their outcome was known. */
const TOLD_SHARE = 0.8;

/** Outcomes that are more than the faults faced, or far fewer (one of several faults was not watched), are no data. */
function unlessTold(
  outcomes: number,
  faced: number,
  of = 'viewers that faced it',
): Partial<Pick<Measured, 'noData'>> {
  if (outcomes <= faced && outcomes >= faced * TOLD_SHARE) return {};
  return { noData: `${outcomes} outcomes of ${faced} ${of}` };
}

const RECOVERED_NETWORK: Kpi = {
  ...RECOVERY,
  title: 'Recovered from a network failure',
  section: '1.5, 5.1#8, scenario 4',
  unit: '%',
  formula:
    'viewers whose picture moves on media that came since, and who had an answer over the socket, within 5 s after the network was mended / viewers that watched when it broke x 100, whether or not they had to reconnect; those that left as planned in between are left out',
  bound: { op: '>', value: 95 },
  minSamples: MOST_VIEWERS,
  sampleOf: 'viewers that faced it',
  metrics: [
    'fault_faced_count',
    'recovered_ms',
    'recovered_in_time_count',
    'not_recovered_count',
    'picture_back_ms',
    'socket_back_ms',
    'reconnect_after_fault_ms',
  ],
  compute(view) {
    const select = { label: 'network' };
    const spread = view.spread('recovered_ms', select);
    const missing = MISSING.map((what) => [
      what,
      view.count('not_recovered_count', { label: `network_${what}` }),
    ]);
    const samples = spread.count + missing.reduce((sum, [, count]) => sum + Number(count), 0);
    const faced = view.count('fault_faced_count', select);
    return {
      ...valued(percent(view.count('recovered_in_time_count', select), samples)),
      samples,
      ...unlessTold(samples, faced),
      beside: present({
        ...Object.fromEntries(missing.map(([what, count]) => [`without_${what}`, count])),
        p50Ms: spread.percentileMs(50),
        p95Ms: spread.percentileMs(95),
        pictureP95Ms: view.spread('picture_back_ms', select).percentileMs(95),
        socketP95Ms: view.spread('socket_back_ms', select).percentileMs(95),
        reconnected: view.spread('reconnect_after_fault_ms', select).count,
      }),
    };
  },
};

/** Share of the viewers whose picture came back in time after a fault of a class. */
function resumed(fault: FaultClass, row: Pick<Kpi, 'title' | 'section' | 'mandatory'>): Kpi {
  return {
    ...RECOVERY,
    ...row,
    unit: '%',
    formula: `viewers whose picture moves on media that came since, within 10 s after the end of the fault / viewers that watched when it began x 100; judged at 95 % of the viewers, as a p95 would be, with those that never came back`,
    bound: { op: '>=', value: 95 },
    minSamples: MOST_VIEWERS,
    sampleOf: 'viewers that faced it',
    metrics: ['fault_faced_count', 'picture_back_ms', 'picture_back_in_time_count', 'picture_not_back_count'],
    compute(view) {
      const select = { label: fault };
      const spread = view.spread('picture_back_ms', select);
      const missing = view.count('picture_not_back_count', select);
      return {
        ...valued(percent(view.count('picture_back_in_time_count', select), spread.count + missing)),
        samples: spread.count + missing,
        ...unlessTold(spread.count + missing, view.count('fault_faced_count', select)),
        beside: present({ missing, p50Ms: spread.percentileMs(50), p95Ms: spread.percentileMs(95) }),
      };
    },
  };
}

const MEDIA_ANSWERS_AGAIN: Kpi = {
  ...RECOVERY,
  title: 'Media server back after a kill',
  section: 'scenario 4',
  unit: 'ms',
  formula:
    'from the kill to the first media that any viewer received after it; where nobody received any, the longest that a viewer waited, which it is more than',
  bound: { op: '<=', value: 30_000 },
  minSamples: MOST_VIEWERS,
  sampleOf: 'viewers that faced it',
  metrics: ['media_back_ms', 'media_not_back_ms'],
  compute(view) {
    const back = view.spread('media_back_ms', { label: 'media' });
    const missing = view.spread('media_not_back_ms', { label: 'media' });
    return {
      ...valued(back.count > 0 ? back.minMs : missing.maxMs),
      samples: back.count + missing.count,
      // A viewer that was lost at once has waited for nothing.
      ...(back.count === 0 && (missing.maxMs ?? 0) <= 30_000
        ? { noData: 'nobody received any media, and nobody waited for 30 s' }
        : {}),
      beside: present({ viewersWithout: missing.count, p95Ms: back.percentileMs(95) }),
    };
  },
};

const ROOMS_REPOPULATED: Kpi = {
  ...RECOVERY,
  title: 'Rooms populated again',
  section: 'scenario 4; A4',
  unit: '%',
  formula:
    'viewers that are in their room again within 15 s after a fault / viewers that were in it when the fault began x 100, in the room and after the kind of fault where the share is least; in it = the join was confirmed, or something that goes to the room was heard: one viewer of each thread joins once more for that, and is left out',
  bound: { op: '>=', value: 95 },
  minSamples: MOST_VIEWERS,
  sampleOf: 'rooms of viewers',
  metrics: [
    'room_faced_count',
    'room_excused_count',
    'room_back_ms',
    'room_back_in_time_count',
    'room_not_back_count',
  ],
  compute(view) {
    const shares = ALL_FAULT_CLASSES.flatMap((fault) =>
      NAMESPACES.map((namespace) => shareOf(view, `${fault}_${namespace}`)),
    );
    const judged = shares.filter(({ whole }) => whole > 0);
    const untold = shares
      .map(({ label, whole, faced }) => unlessTold(whole, faced, `viewers in the room ${label}`))
      .find(({ noData }) => noData !== undefined);
    const worst = judged.sort((a, b) => a.part / a.whole - b.part / b.whole)[0];
    return {
      ...valued(worst && percent(worst.part, worst.whole)),
      samples: judged.reduce((sum, { whole }) => sum + whole, 0),
      ...untold,
      beside: present({
        worst: worst?.label,
        missing: judged.reduce((sum, { missing }) => sum + missing, 0),
        p95Ms: view.spread('room_back_ms').percentileMs(95),
      }),
    };
  },
};

function shareOf(view: View, label: string) {
  const missing = view.count('room_not_back_count', { label });
  const whole = view.spread('room_back_ms', { label }).count + missing;
  const faced = view.count('room_faced_count', { label }) - view.count('room_excused_count', { label });
  return { label, faced, part: view.count('room_back_in_time_count', { label }), whole, missing };
}

const SOCKET_RECONNECT: Kpi = {
  ...RECOVERY,
  // Whether a connection is lost at all depends on the fault: a network that comes back in time breaks none.
  mandatory: false,
  title: 'Sockets reconnected, p95',
  section: '1.5',
  unit: 'ms',
  formula:
    'p95 of the time from the loss of a connection (or from the end of the fault, if that was later) to all its rooms joined again',
  bound: { op: '<', value: 3000 },
  minSamples: { atLeast: 1 },
  sampleOf: 'reconnections',
  metrics: ['reconnect_after_fault_ms'],
  compute(view) {
    const spread = view.spread('reconnect_after_fault_ms');
    return {
      ...percentileOf(spread, 95),
      beside: present({ meanMs: spread.meanMs, maxMs: spread.maxMs }),
    };
  },
};

const STREAM_ENDED_HEARD: Kpi = {
  ...RECOVERY,
  title: 'End of the stream heard',
  section: 'scenario 4',
  unit: '%',
  formula:
    'viewers that heard `stream:ended` while the publisher was gone for longer than the platform waits (45 s) / viewers that were in the room x 100; a shorter loss ends no stream',
  bound: { op: '>=', value: 99 },
  minSamples: MOST_VIEWERS,
  sampleOf: 'viewers in the room',
  metrics: ['stream_end_faced_count', 'stream_end_judged_count'],
  compute(view) {
    const { heard = 0, missed = 0 } = view.byLabel('stream_end_judged_count');
    const samples = heard + missed;
    const faced = view.count('stream_end_faced_count', { label: 'room' });
    return {
      ...valued(percent(heard, samples)),
      samples,
      ...unlessTold(samples, faced, 'viewers in the room'),
      beside: { missed },
    };
  },
};

const STATES = ['offline', 'live'] as const;

const STREAM_STATES: Kpi = {
  ...RECOVERY,
  title: 'LIVE to OFFLINE to LIVE',
  section: 'scenario 4',
  unit: '%',
  formula:
    'changes that observers saw in the status of the stream / changes that had to come x 100: OFFLINE while the publisher was gone for longer than the platform waits (45 s), LIVE within 10 s after its return; one viewer of each thread asks once a second',
  bound: { op: '>=', value: 100 },
  minSamples: { atLeast: 2 },
  sampleOf: 'changes',
  metrics: ['stream_end_faced_count', 'stream_state_judged_count', 'stream_state_ms'],
  compute(view): Measured {
    const counts = view.byLabel('stream_state_judged_count');
    const of = (what: string): number =>
      STATES.reduce((sum, state) => sum + (counts[`${state}_${what}`] ?? 0), 0);
    const [seen, missed] = [of('seen'), of('missed')];
    return {
      ...valued(percent(seen, seen + missed)),
      samples: seen + missed,
      ...unlessTold(
        seen + missed,
        STATES.length * view.count('stream_end_faced_count', { label: 'observer' }),
        'changes that observers waited for',
      ),
      beside: present({
        ...counts,
        offlineAfterMs: view.spread('stream_state_ms', { label: 'offline' }).maxMs,
        liveAfterMs: view.spread('stream_state_ms', { label: 'live' }).maxMs,
      }),
    };
  },
};

/** Ids and rows, in the order in which they are shown. */
export const RECOVERY_KPIS = {
  recovered_network: RECOVERED_NETWORK,
  resumed_publisher: resumed('publisher', {
    title: 'Resumed after publisher is back',
    section: '1.5, 5.2 A6, scenario 4',
    mandatory: true,
  }),
  media_answers_again: MEDIA_ANSWERS_AGAIN,
  resumed_media: resumed('media', {
    title: 'Resumed after media is back',
    section: 'own: a server that is back helps nobody whose page is not',
    mandatory: false,
  }),
  rooms_repopulated: ROOMS_REPOPULATED,
  socket_reconnect_p95: SOCKET_RECONNECT,
  stream_ended_heard: STREAM_ENDED_HEARD,
  stream_states: STREAM_STATES,
} as const satisfies Record<string, Kpi>;

/** Rows that a fault of each class fills. */
export const ROWS_OF_FAULT: Readonly<Record<FaultClass, readonly (keyof typeof RECOVERY_KPIS)[]>> = {
  network: ['recovered_network', 'rooms_repopulated', 'socket_reconnect_p95'],
  publisher: ['resumed_publisher', 'stream_ended_heard', 'stream_states'],
  media: ['media_answers_again', 'resumed_media'],
  other: [],
};

/** Of these, the rows that only a publisher fills which is gone for longer than the platform waits. */
export const ROWS_OF_LONG_LOSS = ['stream_ended_heard', 'stream_states'] as const;
