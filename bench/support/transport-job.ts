/** Ways to fetch that are compared; `drain` is the bar, `ours` is what viewers use. */
export const TRANSPORTS = ['drain', 'ours', 'node-http', 'undici'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export function isTransport(name: string): name is Transport {
  return (TRANSPORTS as readonly string[]).includes(name);
}

/** One measurement: what the generator's process is told. */
export interface TransportJob {
  readonly protocol: 'hls' | 'flv';
  readonly transport: Transport;
  readonly port: number;
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
