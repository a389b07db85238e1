import { get as httpGet } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Client, type Dispatcher } from 'undici';
import { createAllowList } from '../../src/net/allow-list.js';
import { createHttpFactory } from '../../src/net/http-node.js';
import { createClock } from '../../src/seams-node.js';
import type { OriginPorts, Transport, TransportJob, TransportResult } from './transport-job.js';

interface Counts {
  bytes: number;
  responses: number;
  failures: number;
}

/** Fetches one path of the origin for one viewer and adds to the counts. */
type Fetch = (path: string) => void;

const WARM_UP_MS = 4000;

function createFetch(transport: Transport, ports: OriginPorts, counts: Counts): () => Fetch {
  const port = ports.plain;
  const onFailure = (): void => void counts.failures++;
  const onData = (chunk: Uint8Array): void => {
    counts.bytes += chunk.byteLength;
  };
  const onEnd = (): void => void counts.responses++;
  const factory = createHttpFactory({
    clock: createClock(performance.timeOrigin),
    allowList: createAllowList([]),
    insecure: true,
  });
  const overOurs = (origin: string): Fetch => {
    const http = factory.forViewer();
    const sink = {
      onResponse: () => undefined,
      onBytes: onData,
      onEnd: ({ kind }: { kind: string }) => (kind === 'complete' ? onEnd() : onFailure()),
    };
    return (path) => {
      const url = `${origin}${path}`;
      // As a player asks: the playlist as text, media as a stream.
      if (path !== '/playlist') http.stream({ method: 'GET', url }, sink);
      else
        void http.text({ method: 'GET', url }, { maxBytes: 10_000 }).then((got) => {
          if (got.kind === 'failure') return onFailure();
          counts.bytes += got.bodyBytes;
          onEnd();
        });
    };
  };
  const makers: Record<Transport, () => Fetch> = {
    drain: () => (path) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: origin\r\n\r\n`);
      socket.on('data', onData).on('end', onEnd).on('error', onFailure);
    },
    ours: () => overOurs(`http://127.0.0.1:${port}`),
    'tls-http1': () => overOurs(`https://127.0.0.1:${ports.tls}`),
    'tls-http2': () => overOurs(`https://127.0.0.1:${ports.http2}`),
    'tls-drain': () => {
      const options = { port: ports.tls, host: '127.0.0.1', rejectUnauthorized: false };
      const socket = connectTls({ ...options, ALPNProtocols: ['http/1.1'] });
      socket.on('data', onData).on('error', onFailure);
      return (path) => void socket.write(`GET ${path} HTTP/1.1\r\nHost: origin\r\n\r\n`);
    },
    'node-http': () => (path) => {
      const request = httpGet({ host: '127.0.0.1', port, path, agent: false }, (response) => {
        response.on('data', onData).on('end', onEnd).on('error', onFailure);
      });
      request.on('error', onFailure);
    },
    undici: () => {
      const options = { bodyTimeout: 0, headersTimeout: 0 };
      const clients = { '/playlist': new Client(`http://127.0.0.1:${port}`, options) };
      const other = new Client(`http://127.0.0.1:${port}`, options);
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: (_, chunk) => onData(chunk),
        onResponseEnd: onEnd,
        onResponseError: onFailure,
      };
      return (path) =>
        void (path === '/playlist' ? clients[path] : other).dispatch({ path, method: 'GET' }, { ...handler });
    },
  };
  return makers[transport];
}

/** Runs the viewers, measures after the warm-up, sends the result to the parent and ends the process. */
export function runTransportGenerator(job: TransportJob): void {
  const { protocol, viewers, seconds } = job;
  const counts: Counts = { bytes: 0, responses: 0, failures: 0 };
  const create = createFetch(job.transport, job.ports, counts);
  for (let i = 0; i < viewers; i++) {
    const fetch = create();
    const start = (): void => {
      if (protocol === 'flv') {
        fetch('/flv');
        return;
      }
      const second = (): void => {
        fetch('/playlist');
        fetch('/segment');
      };
      second();
      setInterval(second, 1000);
    };
    setTimeout(start, (i * 1000) / viewers);
  }
  setTimeout(() => {
    const before = { ...counts };
    const cpuBefore = process.cpuUsage();
    const startMs = performance.now();
    setTimeout(() => {
      const cpu = process.cpuUsage(cpuBefore);
      const viewerSeconds = (viewers * (performance.now() - startMs)) / 1000;
      const result: TransportResult = {
        cpuMsPerViewerSecond: (cpu.user + cpu.system) / 1000 / viewerSeconds,
        mbitPerSPerViewer: ((counts.bytes - before.bytes) * 8) / 1e6 / viewerSeconds,
        responsesPerViewerSecond: (counts.responses - before.responses) / viewerSeconds,
        failures: counts.failures,
        rssBytes: process.memoryUsage().rss,
      };
      process.send?.(result, () => process.exit(0));
    }, seconds * 1000);
  }, WARM_UP_MS);
}
