/**
 * Ways to fetch that are compared; `drain` is the bar, `ours` is what viewers use. The last three are over TLS, where
 * the server keeps connections as a proxy does: a drain of one connection, ours over HTTP/1.1, ours over HTTP/2.
 */
export const TRANSPORTS = [
  'drain',
  'ours',
  'node-http',
  'undici',
  'tls-drain',
  'tls-http1',
  'tls-http2',
] as const;
export type Transport = (typeof TRANSPORTS)[number];

export function isTransport(name: string): name is Transport {
  return (TRANSPORTS as readonly string[]).includes(name);
}

/** Where the origin listens, by what it speaks there. */
export interface OriginPorts {
  readonly plain: number;
  readonly tls: number;
  readonly http2: number;
}

/** One measurement: what the generator's process is told. */
export interface TransportJob {
  readonly protocol: 'hls' | 'flv';
  readonly transport: Transport;
  readonly ports: OriginPorts;
  readonly viewers: number;
  readonly seconds: number;
}

/** What it answers. */
export interface TransportResult {
  readonly cpuMsPerViewerSecond: number;
  readonly mbitPerSPerViewer: number;
  readonly responsesPerViewerSecond: number;
  readonly failures: number;
  readonly rssBytes: number;
}
