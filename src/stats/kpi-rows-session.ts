import type { FaultClass } from '../events.js';
import { chatDelivered } from './chat-delivery.js';
import { type Kpi, type Measured, percentileOf, present, rate } from './kpi.js';
import type { View } from './view.js';

const SESSION = { source: 'viewers', mandatory: true } as const;

export const VIEWERS_JOINED: Kpi = {
  ...SESSION,
  title: 'Viewers fully joined',
  section: 'own: a viewer that never came in must not go unseen; 1.4',
  unit: '%',
  formula:
    'viewers that watch and are ready and joined in every namespace / viewers that began x 100; in page behaviour a join that was sent is enough, whether it was heard is what the joins tell',
  window: 'run',
  comesLater: true,
  bound: { op: '>=', value: 99 },
  minSamples: { perViewer: { share: 0.99, of: 'vus' } },
  sampleOf: 'viewers that began',
  needs: [],
  metrics: ['vu_started_count', 'vu_joined_count', 'vu_join_ms'],
  compute(view) {
    const started = view.count('vu_started_count');
    const joined = view.count('vu_joined_count');
    return {
      ...rate(joined, started),
      samples: started,
      ...(joined > started ? { noData: `${joined} joined of ${started} that began` } : {}),
      beside: present({ joinP95Ms: view.spread('vu_join_ms').percentileMs(95) }),
    };
  },
};

/** Reasons of a dead player that are no loss: the run ended, or the stream did. */
const ORDERLY_ENDS = ['stopped', 'ended'];

/** Planned faults whose own mandatory row fails by the viewers that do not come back; of others nobody else would tell. */
const JUDGED_ELSEWHERE: readonly FaultClass[] = ['network', 'publisher'];

export const VIEWERS_LOST: Kpi = {
  ...SESSION,
  title: 'Viewers lost',
  section: '5.1#1, 1.4',
  unit: 'viewers',
  formula:
    'viewers whose page broke for good: player dead while the platform says that the stream is live, reconnects used up, token refused; without those that a planned network or publisher fault broke, which a mandatory row of its own counts; whoever a killed media server takes for good is lost. Judged over the whole run: who is lost before the hold is missing in it. No data where the platform said by itself that the stream was over, or where it was over for good: the page takes its player away, nobody is lost, and nobody saw what came after',
  window: 'run',
  bound: { op: '<=', value: 0 },
  minSamples: { atLeast: 1 },
  sampleOf: 'viewers that began',
  needs: [],
  metrics: [
    'vu_lost_count',
    'vu_lost_to_fault_count',
    'vu_started_count',
    'player_dead_count',
    'player_back_count',
    'player_unmounted_count',
    'player_mounted_count',
    'socket_gave_up_count',
    'socket_disconnected_count',
  ],
  compute(view) {
    const toFaults = view.byLabel('vu_lost_to_fault_count');
    const excused = JUDGED_ELSEWHERE.reduce((sum, fault) => sum + (toFaults[fault] ?? 0), 0);
    const lost = view.count('vu_lost_count') - excused;
    const known = view.count('vu_lost_to_fault_count');
    return {
      value: lost,
      samples: view.count('vu_started_count'),
      ...(lost === 0 ? unlessSeen(view) : {}),
      beside: present({
        ...view.byLabel('vu_lost_count'),
        toFaults: known === 0 ? undefined : known,
        disconnects: view.count('socket_disconnected_count'),
      }),
    };
  },
};

/** That nobody was lost means nothing where the players had gone. */
function unlessSeen(view: View): Partial<Pick<Measured, 'noData'>> {
  const [unmounted, mounted] = [view.count('player_unmounted_count'), view.count('player_mounted_count')];
  const unplanned = view.count('player_unmounted_count', { label: 'unplanned' });
  if (unplanned > 0 || unmounted > mounted) {
    const [gone, more] = unplanned > 0 ? [unplanned, ''] : [unmounted - mounted, ', and none came back'];
    return {
      noData: `${gone} players were taken away because the platform said that the stream was over${more}`,
    };
  }
  const dead = Object.entries(view.byLabel('player_dead_count')).filter(
    ([why]) => !ORDERLY_ENDS.includes(why),
  );
  const causes = dead.reduce((sum, [, count]) => sum + count, 0) + view.count('socket_gave_up_count');
  const known = mounted + view.count('player_back_count') + view.count('vu_lost_count');
  if (causes <= known) return {};
  return { noData: `${causes - known} players or sockets ended for good, yet nobody was lost` };
}

export const CONNECTIONS_DROPPED: Kpi = {
  ...SESSION,
  title: 'Socket connections dropped',
  section: '5.1#1',
  unit: 'connections',
  formula:
    'Socket.IO connections that viewers lost in the hold without leaving, each loss counted even when the viewer came back',
  window: 'hold',
  bound: { op: '<=', value: 0 },
  minSamples: { perViewer: { share: 0.9, of: 'vus' } },
  sampleOf: 'sessions ready',
  needs: [],
  metrics: ['socket_disconnected_count', 'socket_down_ms', 'socket_ready_count', 'played_ms', 'stalled_ms'],
  compute(view, wholeRun) {
    const dropped = view.count('socket_disconnected_count');
    const lostInRun = wholeRun.count('socket_disconnected_count');
    const back = wholeRun.spread('socket_down_ms').count;
    const watchedMs = view.count('played_ms') + view.count('stalled_ms');
    return {
      value: dropped,
      // Most sessions begin in the ramp, before the hold.
      samples: wholeRun.count('socket_ready_count', { label: 'root' }),
      // Nothing lost proves nothing when nobody was there to lose it.
      ...(dropped === 0 && watchedMs === 0 ? { noData: 'nobody watched in the hold' } : {}),
      ...(back > lostInRun ? { noData: `${back} connections came back of ${lostInRun} lost` } : {}),
      beside: present({
        ...view.byLabel('socket_disconnected_count'),
        downP95Ms: view.spread('socket_down_ms').percentileMs(95),
      }),
    };
  },
};

type NamespaceLabel = 'root' | 'chat' | 'streaming';
const PATHS: Readonly<Record<NamespaceLabel, string>> = { root: '/', chat: '/chat', streaming: '/streaming' };

/** Reasons of `socket_failed` that are about getting ready; joining is a row of its own. */
export const READY_FAILURES: readonly string[] = [
  'connect_error',
  'ready_timeout',
  'auth_refused',
  'gave_up',
];

export function ready(namespace: NamespaceLabel): Kpi {
  return {
    ...SESSION,
    title: `Sockets ready ${PATHS[namespace]}`,
    section: '1.4, 5.1#1',
    unit: '%',
    formula: 'namespaces whose own ready event came / tries x 100; `connect` proves nothing',
    window: 'calm',
    bound: { op: '>', value: 99 },
    minSamples: { perViewer: { share: 0.9, of: namespace === 'chat' ? 'users' : 'vus' } },
    sampleOf: 'tries',
    needs: namespace === 'chat' ? ['account'] : [],
    metrics: ['socket_ready_count', 'socket_failed_count', 'socket_ready_ms'],
    compute(view) {
      const ok = view.count('socket_ready_count', { label: namespace });
      const reasons = view.byLabel('socket_failed_count');
      const failed = READY_FAILURES.map(
        (reason) => [reason, reasons[`${namespace}_${reason}`] ?? 0] as const,
      );
      const tries = failed.reduce((sum, [, count]) => sum + count, ok);
      return {
        ...rate(ok, tries),
        samples: tries,
        beside: present({
          ...Object.fromEntries(failed.filter(([, count]) => count > 0)),
          readyP95Ms: view.spread('socket_ready_ms', { label: namespace }).percentileMs(95),
        }),
      };
    },
  };
}

export function joined(namespace: NamespaceLabel): Kpi {
  return {
    ...SESSION,
    title: `Joins confirmed ${PATHS[namespace]}`,
    section: '1.4',
    unit: '%',
    formula:
      'joins that the platform confirmed / joins sent x 100; a join without an answer counts against it, also where the page sends it before the platform listens (lost)',
    window: 'calm',
    comesLater: true,
    bound: { op: '>=', value: 99 },
    minSamples: { perViewer: { share: 0.9, of: namespace === 'chat' ? 'users' : 'vus' } },
    sampleOf: 'joins sent',
    needs: namespace === 'chat' ? ['account'] : [],
    metrics: [
      'join_attempt_count',
      'join_confirmed_count',
      'join_lost_count',
      'socket_failed_count',
      'join_ms',
    ],
    compute(view) {
      const select = { label: namespace };
      const sent = view.count('join_attempt_count', select);
      const confirmed = view.count('join_confirmed_count', select);
      return {
        ...rate(confirmed, sent),
        samples: sent,
        ...(confirmed > sent ? { noData: `${confirmed} joins confirmed of ${sent} sent` } : {}),
        beside: present({
          lost: view.count('join_lost_count', select),
          timedOut: view.count('socket_failed_count', { label: `${namespace}_join_timeout` }),
          joinP95Ms: view.spread('join_ms', select).percentileMs(95),
        }),
      };
    },
  };
}

export const CHAT_DELIVERY_RATIO: Kpi = {
  ...SESSION,
  title: 'Chat delivered to others',
  section: 'own: a muted chat has no slow messages; protects A5',
  unit: '%',
  formula: 'arrivals at other viewers of this run / arrivals expected when the messages were sent x 100',
  window: 'hold',
  comesLater: true,
  bound: { op: '>=', value: 99 },
  minSamples: { atLeast: 20 },
  sampleOf: 'expected arrivals',
  needs: ['two_accounts', 'writes'],
  metrics: ['chat_expected_count', 'chat_delivered_count', 'chat_sent_count', 'chat_not_sent_count'],
  compute(view) {
    return {
      ...chatDelivered(view),
      beside: { sent: view.count('chat_sent_count'), notSent: view.count('chat_not_sent_count') },
    };
  },
};

export const CHAT_ECHO_RATIO: Kpi = {
  ...SESSION,
  title: 'Chat echoed to the sender',
  section: 'own: what a viewer wrote must appear; protects A5',
  unit: '%',
  formula:
    'own messages that came back / messages sent x 100; up to 1 % of the messages, or one, may be under way at the end',
  window: 'hold',
  bound: { op: '>=', value: 99 },
  minSamples: { atLeast: 5 },
  sampleOf: 'messages sent',
  needs: ['account', 'writes'],
  metrics: ['chat_sent_count', 'chat_echo_count', 'chat_echo_lost_count', 'chat_echo_since_due_ms'],
  compute(view) {
    const sent = view.count('chat_sent_count');
    const echoed = view.count('chat_echo_count');
    const lost = view.count('chat_echo_lost_count');
    const open = Math.max(0, sent - echoed - lost);
    const excused = Math.min(open, Math.max(1, Math.floor(sent / 100)));
    return {
      ...rate(echoed, sent - excused),
      samples: sent,
      ...(echoed > sent ? { noData: `${echoed} echoes of ${sent} messages` } : {}),
      beside: present({ lost, open, echoP95Ms: view.spread('chat_echo_since_due_ms').percentileMs(95) }),
    };
  },
};

export const CHAT_DELIVERY_P95: Kpi = {
  ...SESSION,
  title: 'Chat delivery to others, p95',
  section: '5.2 A5',
  mandatory: false,
  unit: 'ms',
  formula: 'p95 of the time from when a message was due to its arrival at another viewer',
  window: 'hold',
  bound: { op: '<', value: 200 },
  minSamples: { atLeast: 20 },
  sampleOf: 'arrivals',
  needs: ['two_accounts', 'writes'],
  metrics: ['chat_delivery_since_due_ms', 'chat_delivery_ms'],
  compute(view) {
    const spread = view.spread('chat_delivery_since_due_ms');
    const sinceSentP95Ms = view.spread('chat_delivery_ms').percentileMs(95);
    return { ...percentileOf(spread, 95), beside: present({ sinceSentP95Ms, meanMs: spread.meanMs }) };
  },
};
