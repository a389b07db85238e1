import type { ViewerEvent } from '../events.js';
import type { Fact, TraceLine } from './line.js';

/** Told by lines of their own, closer: the requests of the media, what arrives, and what is counted of broadcasts. */
const TOLD_ELSEWHERE: ReadonlySet<ViewerEvent['kind']> = new Set([
  'media_request',
  'arrived',
  'chat_delivered',
  'chat_foreign',
  'chat_expected_far',
  'viewer_count',
]);

/** What `atMs` and the protocol are is said by the line itself. */
const HEAD: ReadonlySet<string> = new Set(['kind', 'atMs', 'phaseAtMs', 'protocol']);

/** The line of one event of a viewer; undefined when another line tells it. */
export function lineOfEvent(event: ViewerEvent, mask: (text: string) => string): TraceLine | undefined {
  const { atMs } = event;
  switch (event.kind) {
    case 'watched': {
      const { kind: _kind, phaseAtMs: _phase, framesBySource: _sources, ...shares } = event;
      return { kind: 'second', ...shares };
    }
    case 'latency': {
      const { latencyMs, source, clockUncertaintyMs } = event;
      const clock = clockUncertaintyMs === undefined ? {} : { clockUncertaintyMs };
      return { kind: 'latency', atMs, latencyMs, source, ...clock };
    }
    case 'api_call': {
      const { call, outcome, status, durationMs, sinceDueMs } = event;
      const times = { atMs, dueAtMs: atMs - sinceDueMs, sentAtMs: atMs - durationMs };
      return { kind: 'action', ...times, action: call, outcome, ...(status === undefined ? {} : { status }) };
    }
    case 'chat_echo': {
      const times = { atMs, dueAtMs: atMs - event.sinceDueMs, sentAtMs: atMs - event.deliveryMs };
      return { kind: 'action', ...times, action: 'chat', outcome: 'ok' };
    }
    default:
      return TOLD_ELSEWHERE.has(event.kind) ? undefined : plain(event, mask);
  }
}

function plain(event: ViewerEvent, mask: (text: string) => string): TraceLine {
  const facts: Record<string, Fact> = {};
  const { kind, atMs } = event;
  if ('protocol' in event) facts.protocol = event.protocol;
  for (const [name, value] of Object.entries(event)) {
    if (HEAD.has(name)) continue;
    if (typeof value === 'string') facts[name] = mask(value).slice(0, 200);
    else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
      facts[name] = value;
  }
  return { kind: 'event', atMs, name: kind, facts };
}
