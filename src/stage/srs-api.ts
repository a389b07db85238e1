/** SRS's own HTTP API, `/api/v1/*`: raw answers without the platform's envelope; `count` is at least 10. */
import type { ServerResponse } from 'node:http';
import type { StageCounts } from './counts.js';
import type { HlsContexts } from './hls-contexts.js';
import type { StageClock } from './stage-clock.js';

export interface SrsWorld {
  readonly clock: StageClock;
  readonly counts: StageCounts;
  readonly contexts: HlsContexts;
  readonly streamKey: string;
  readonly bitsPerS: number;
  readonly isPublishing: () => boolean;
  readonly startedEpochMs: number;
}

const IDS = { server: 'vid-stage00', service: 'stage000', vhost: 'vid-vhost00', stream: 'vid-stream0' };
const DEFAULT_COUNT = 10;

/** Answers one request below `/api/v1`. */
export function answerSrsApi(world: SrsWorld, url: URL, response: ServerResponse): void {
  const what = url.pathname.slice('/api/v1/'.length).replace(/\/$/, '');
  const start = Math.max(0, Number(url.searchParams.get('start')) || 0);
  const count = Math.max(DEFAULT_COUNT, Number(url.searchParams.get('count')) || 0);
  const page = <T>(rows: T[]): T[] => rows.slice(start, start + count);
  const head = { code: 0, server: IDS.server, service: IDS.service, pid: String(process.pid) };
  const bodies: Record<string, () => object> = {
    streams: () => ({ ...head, streams: page([streamOf(world)]) }),
    clients: () => ({ ...head, clients: page(clientsOf(world)) }),
    summaries: () => ({ ...head, data: summaryOf(world) }),
    vhosts: () => ({ ...head, vhosts: [vhostOf(world)] }),
    versions: () => ({ ...head, data: { major: 6, minor: 0, revision: 157, version: '6.0.157' } }),
  };
  const body = Object.hasOwn(bodies, what) ? bodies[what]?.() : undefined;
  const text = JSON.stringify(body ?? { code: 404 });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
  response.writeHead(body ? 200 : 404, { ...headers, Connection: 'Close', Server: 'SRS/6.0.157(Hang)' });
  response.end(text);
}

function sentBytesOf({ counts }: SrsWorld): number {
  return counts.flv.bodyBytes + counts.hls.segmentBodyBytes + counts.hls.playlistBodyBytes;
}

function clientCountOf({ counts, contexts, isPublishing }: SrsWorld): number {
  return counts.flv.viewersNow + contexts.size + (isPublishing() ? 1 : 0);
}

function streamOf(world: SrsWorld): object {
  const kbps = { recv_30s: Math.round(world.bitsPerS / 1000), send_30s: 0 };
  return {
    ...{ id: IDS.stream, name: world.streamKey, vhost: IDS.vhost, app: 'live' },
    ...{ tcUrl: 'rtmp://127.0.0.1:1935/live', url: `/live/${world.streamKey}` },
    ...{ live_ms: Math.round(world.clock.epochMs()), clients: clientCountOf(world), frames: 0 },
    ...{ send_bytes: sentBytesOf(world), recv_bytes: receivedBytesOf(world), kbps },
    publish: { active: world.isPublishing(), cid: 'stagepub' },
    video: { codec: 'H264', profile: 'High', level: '3.1', width: 480, height: 270 },
    audio: { codec: 'AAC', sample_rate: 48_000, channel: 2, profile: 'LC' },
  };
}

function receivedBytesOf(world: SrsWorld): number {
  return Math.round((world.bitsPerS / 8) * ((world.clock.epochMs() - world.startedEpochMs) / 1000));
}

function clientsOf(world: SrsWorld): object[] {
  const client = (id: string, type: string, name: string, aliveMs: number, sentBytes: number): object => ({
    ...{ id, vhost: IDS.vhost, stream: IDS.stream, ip: '127.0.0.1', pageUrl: '', swfUrl: '' },
    ...{ tcUrl: 'http://127.0.0.1/live', url: `/live/${world.streamKey}`, name, type },
    ...{ publish: type === 'fmle-publish', alive: Math.round(aliveMs / 10) / 100, send_bytes: sentBytes },
    ...{ recv_bytes: 0, kbps: { recv_30s: 0, send_30s: 0 } },
  });
  const now = world.clock.epochMs();
  const rows: object[] = [];
  if (world.isPublishing()) {
    rows.push(client('stagepub', 'fmle-publish', world.streamKey, now - world.startedEpochMs, 0));
  }
  for (let index = 0; index < world.counts.flv.viewersNow; index++) {
    rows.push(client(`flv${String(index).padStart(5, '0')}`, 'flv-play', `${world.streamKey}.flv`, 0, 0));
  }
  for (const { context, startedEpochMs, sentBytes } of world.contexts.sessions) {
    rows.push(client(context, 'hls-play', `${world.streamKey}.m3u8`, now - startedEpochMs, sentBytes));
  }
  return rows;
}

function summaryOf(world: SrsWorld): object {
  const self = {
    ...{ version: '6.0.157', pid: process.pid, ppid: process.ppid, argv: './objs/srs -c conf/srs.conf' },
    ...{ cwd: '/usr/local/srs', mem_kbyte: Math.round(process.memoryUsage.rss() / 1024), mem_percent: 0 },
    ...{ cpu_percent: 0, srs_uptime: Math.round((world.clock.epochMs() - world.startedEpochMs) / 1000) },
  };
  const system = {
    ...{ cpu_percent: 0, srs_recv_bytes: receivedBytesOf(world), srs_send_bytes: sentBytesOf(world) },
    conn_srs: clientCountOf(world),
  };
  return { ok: true, now_ms: Math.round(world.clock.epochMs()), self, system };
}

function vhostOf(world: SrsWorld): object {
  return {
    ...{ id: IDS.vhost, name: '__defaultVhost__', enabled: true, clients: clientCountOf(world) },
    ...{ streams: world.isPublishing() ? 1 : 0, send_bytes: sentBytesOf(world) },
    ...{ recv_bytes: receivedBytesOf(world), kbps: { recv_30s: 0, send_30s: 0 } },
    hls: { enabled: true, fragment: 1 },
  };
}
