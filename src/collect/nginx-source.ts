import { Deltas } from './deltas.js';
import type { FetchText } from './fetch-text.js';
import { LogFollower } from './log-follower.js';
import type { LineFormat } from './nginx-format.js';
import { LogWindow, TIMINGS } from './nginx-window.js';
import type { Source } from './reading.js';
import { spanRates } from './span-rates.js';

/** The access log: what was asked and answered since the last look. */
export function createNginxLogSource(path: string, format: LineFormat, nowMs: () => number): Source {
  const follower = new LogFollower(path);
  const window = new LogWindow(format);
  let lastAtMs: number | undefined;
  let wasCut = false;
  return {
    name: 'nginx.log',
    section: 'nginx',
    read: async (signal) => {
      const { behindBytes, cut } = await follower.look((line) => window.add(line), signal);
      wasCut ||= cut;
      // Nobody hears a late look: what it has counted is for the next one.
      signal.throwIfAborted();
      const restarted = wasCut;
      wasCut = false;
      const atMs = nowMs();
      const spanMs = lastAtMs === undefined ? undefined : atMs - lastAtMs;
      lastAtMs = atMs;
      const absent = absentTimings(format);
      if (spanMs === undefined || spanMs <= 0) return { values: {}, absent };
      const counts = window.take();
      const { requests = 0, media_requests = 0, socket_requests = 0 } = counts;
      const lines = requests + media_requests + socket_requests;
      const rates = spanRates(spanMs, (ms) => ({ req_per_sec: (lines * 1000) / ms }));
      return {
        values: {
          ...rates.values,
          ...counts,
          ...(behindBytes > 0 ? { log_behind_mb: behindBytes / 1e6 } : {}),
        },
        ...{ absent: { ...absent, ...rates.absent }, spanMs, restarted },
      };
    },
    close: () => follower.close(),
  };
}

function absentTimings({ variables }: LineFormat): Record<string, string> {
  const missing = Object.entries(TIMINGS).filter(([, variable]) => !variables.has(variable));
  return Object.fromEntries(missing.map(([name, variable]) => [name, `the log format has no $${variable}`]));
}

export interface StubStatus {
  readonly active: number;
  readonly accepts: number;
  readonly handled: number;
  readonly requests: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

/** The page of `stub_status` (nginx documentation, ngx_http_stub_status_module); undefined for another text. */
export function parseStubStatus(text: string): StubStatus | undefined {
  const match =
    /^Active connections:\s*(\d+)\s+server accepts handled requests(?: request_time)?\s+(\d+)\s+(\d+)\s+(\d+)(?:\s+\d+)?\s+Reading:\s*(\d+)\s+Writing:\s*(\d+)\s+Waiting:\s*(\d+)\s*$/.exec(
      text.trim(),
    );
  if (match === null) return undefined;
  const [active, accepts, handled, requests, reading, writing, waiting] = match.slice(1).map(Number);
  return { active, accepts, handled, requests, reading, writing, waiting } as StubStatus;
}

/** Connections as nginx itself counts them. */
export function createStubStatusSource(url: string, fetchText: FetchText, nowMs: () => number): Source {
  const deltas = new Deltas();
  return {
    name: 'nginx.status',
    section: 'nginx',
    read: async (signal) => {
      const { status, body } = await fetchText(url, signal);
      if (status !== 200) throw new Error(`answered ${status}`);
      const now = parseStubStatus(body);
      if (now === undefined) throw new Error('no page of stub_status');
      const { accepts, handled, requests } = now;
      const { by, spanMs, restarted } = deltas.take({ accepts, handled, requests }, nowMs());
      return {
        values: {
          connections_active: now.active,
          connections_reading: now.reading,
          connections_writing: now.writing,
          connections_waiting: now.waiting,
          ...(by === undefined
            ? {}
            : {
                connections_accepted: by.accepts ?? 0,
                connections_dropped: Math.max(0, (by.accepts ?? 0) - (by.handled ?? 0)),
                status_requests: by.requests ?? 0,
              }),
        },
        ...(spanMs === undefined ? {} : { spanMs }),
        restarted,
      };
    },
  };
}
