import { Trend } from '../stats/trend.js';
import type { LineFormat } from './nginx-format.js';

/** What a line is about: a media line is as long as a viewer stays, a socket's too; neither is latency. */
export type LineClass = 'request' | 'media' | 'socket';

/** Media by the locations of the platform's proxy and by file; Socket.IO by its path. */
const MEDIA = /^\/(?:live|hls)\/|\.(?:flv|m3u8|ts)$/;
const SOCKET = /^\/(?:socket\.io|ws)(?:\/|$)/;

export function classOf(path: string): LineClass {
  if (SOCKET.test(path)) return 'socket';
  return MEDIA.test(path) ? 'media' : 'request';
}

const STATUSES = [499, 502, 503, 504] as const;
const PREFIX: Readonly<Record<LineClass, string>> = { request: 'error', media: 'media', socket: 'socket' };

/** Spans by their name in the line, and nginx's variables of them. */
export const TIMINGS = {
  rt: 'request_time',
  uct: 'upstream_connect_time',
  urt: 'upstream_response_time',
} as const;

/** Counts the lines of one interval. */
export class LogWindow {
  readonly #format: LineFormat;
  readonly #counts = new Map<string, number>();
  readonly #trends = { rt: new Trend(), uct: new Trend(), urt: new Trend() };

  constructor(format: LineFormat) {
    this.#format = format;
  }

  add(line: string): void {
    const values = this.#format.parse(line);
    const path = values === undefined ? undefined : pathOf(values);
    const status = Number(values?.status);
    if (values === undefined || path === undefined || !(status >= 100 && status < 600)) {
      this.#count('unread_lines');
      return;
    }
    const kind = classOf(path);
    this.#count(kind === 'request' ? 'requests' : `${kind}_requests`);
    const prefix = PREFIX[kind];
    if (status >= 400) this.#count(`${prefix}_${Math.floor(status / 100)}xx`);
    if ((STATUSES as readonly number[]).includes(status)) this.#count(`${prefix}_${status}`);
    if (kind === 'request') this.#time(values);
  }

  /** Counts of everything, zeros too, and percentiles of what there was; then it begins anew. */
  take(): Record<string, number> {
    const values: Record<string, number> = {
      requests: 0,
      media_requests: 0,
      socket_requests: 0,
      unread_lines: 0,
    };
    for (const prefix of Object.values(PREFIX)) {
      for (const what of ['4xx', '5xx', ...STATUSES]) values[`${prefix}_${what}`] = 0;
    }
    for (const [name, count] of this.#counts) values[name] = count;
    this.#counts.clear();
    for (const [name, trend] of Object.entries(this.#trends)) {
      for (const percentile of [50, 95, 99]) {
        const ms = trend.percentileMs(percentile);
        if (ms !== undefined) values[`${name}_p${percentile}_ms`] = ms;
      }
      trend.reset();
    }
    return values;
  }

  #time(values: Readonly<Record<string, string>>): void {
    for (const [name, variable] of Object.entries(TIMINGS)) {
      const seconds = secondsOf(values[variable] ?? '');
      if (seconds !== undefined) this.#trends[name as keyof typeof TIMINGS].record(seconds * 1000);
    }
  }

  #count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

function pathOf({ request, request_uri, uri }: Readonly<Record<string, string>>): string | undefined {
  const target = request_uri ?? uri ?? request?.split(' ')[1];
  if (target === undefined || !target.startsWith('/')) {
    // What was no HTTP at all (a port scan) has an empty request line and a status of its own.
    return request === undefined ? undefined : '';
  }
  return target.split('?')[0];
}

/** Seconds of all servers that were tried; undefined for `-`, which is no time. */
function secondsOf(text: string): number | undefined {
  const known = text
    .split(/, | : /)
    .map((part) => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : undefined))
    .filter((part) => part !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, part) => total + part, 0);
}
