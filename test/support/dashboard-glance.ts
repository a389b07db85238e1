import type { SystemLine } from '../../src/collect/line.js';
import { gateRows } from '../../src/dashboard/gate-so-far.js';
import type { Glance } from '../../src/dashboard/glance.js';
import type { LiveState } from '../../src/report/live-state.js';
import { judge } from '../../src/stats/gate.js';
import type { Totals } from '../../src/stats/merge.js';
import { RecentWindow } from '../../src/stats/recent.js';
import { liveState } from './live-state.js';
import { contextOf, healthyRun, measure, PHASES } from './measured.js';

/** What the viewers of a run that goes well have reported. */
export function healthyTotals(): Totals {
  return measure(healthyRun(), (recorder) => {
    recorder.gauge('vus_watching_count', 48);
    recorder.gauge('connections_open_count', 50);
    recorder.gauge('sessions_open_count', 140);
    recorder.gauge('root_sessions_open_count', 50);
    recorder.gauge('chat_sessions_open_count', 42);
    recorder.gauge('streaming_sessions_open_count', 48);
    recorder.gauge('vus_active_count', 50);
    recorder.gauge('vus_joined_count', 50);
    recorder.gauge('vus_rebuffering_count', 1);
    recorder.gauge('vus_frozen_count', 0);
    recorder.gauge('rss_bytes', 345_000_000);
    recorder.observe('event_loop_delay_ms', 3, 20_000);
  });
}

export interface GlanceChanges extends Partial<Omit<Glance, 'live'>> {
  readonly live?: Partial<LiveState>;
}

/** A look at a run in the middle of its hold. */
export function glance({ live, ...changes }: GlanceChanges = {}): Glance {
  const totals = changes.totals ?? healthyTotals();
  return {
    run: { id: '20261122T090605Z-smoke-a1b2c3', profile: 'smoke', target: 'https://staging.example.com/api' },
    status: { kind: 'running', words: 'live' },
    live: liveState(live),
    recent: new RecentWindow(),
    phases: PHASES,
    marks: [],
    judge: () => gateRows(judge(totals, contextOf()).rows),
    ...changes,
    totals,
  };
}

/** A line of the platform, with what every panel shows. */
export function systemLine(changes: Partial<Record<string, unknown>> = {}): SystemLine {
  return {
    timestamp: '2026-11-22T09:06:30.000Z',
    interval_ms: 5000,
    process: {
      srs: { cpu_pct: 45.2, mem_mb: 1024, mem_pct: 25, pids: 12 },
      backend: { cpu_pct: 81.5, mem_mb: 384, mem_pct: 9.4, pids: 25 },
    },
    nginx: { req_per_sec: 150, error_4xx: 2, error_5xx: 0, rt_p95_ms: 89, connections_active: 612 },
    srs: { clients: 487, publishers: 1, recv_kbps: 2650, send_now_kbps: 1_290_000 },
    spans_ms: {},
    gaps: { 'backend.health': 'the connection is refused' },
    restarted: [],
    absent: { 'srs.dropped_frame_lines': 'the level of the log hides them' },
    ...changes,
  } as SystemLine;
}
