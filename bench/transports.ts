import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './support/stats.js';
import { runTransportGenerator } from './support/transport-generator.js';
import {
  isTransport,
  type OriginPorts,
  TRANSPORTS,
  type Transport,
  type TransportResult,
} from './support/transport-job.js';
import { runTransportOrigin } from './support/transport-origin.js';

/**
 * What carrying media bytes costs before anybody looks at them, by transport: CPU of the generator's process per
 * viewer-second (user and system), beside a bare socket drain of the same connections in the same round. HLS =
 * a playlist and a segment per second, each on a connection of its own (`Connection: Close`); FLV = one chunked
 * response with 30 writes a second. Origin and generator are processes of their own.
 *
 * `node dist-bench/bench/transports.js [--viewers 100] [--seconds 8] [--rounds 5]
 *   [--protocols hls,flv] [--transports drain,ours,node-http,undici,tls-drain,tls-http1,tls-http2]`
 */
const flag = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const list = <T extends string>(name: string, all: readonly T[]): readonly T[] => {
  const at = process.argv.indexOf(`--${name}`);
  const wanted = process.argv[at + 1]?.split(',') ?? [];
  return at < 0 ? all : all.filter((item) => wanted.includes(item));
};
const PROTOCOLS = list('protocols', ['hls', 'flv'] as const);
const CHOSEN = list('transports', TRANSPORTS);
const WANTED_MBIT_PER_S = 2.66;

const here = fileURLToPath(import.meta.url);

async function startOrigin(): Promise<{ child: ChildProcess; ports: OriginPorts }> {
  const child = fork(here, ['origin']);
  const ports = await new Promise<OriginPorts>((resolve) =>
    child.once('message', (value) => resolve(value as OriginPorts)),
  );
  return { child, ports };
}

async function measure(
  protocol: 'hls' | 'flv',
  transport: Transport,
  ports: OriginPorts,
): Promise<TransportResult> {
  const job = { protocol, transport, ports, viewers: flag('viewers', 100), seconds: flag('seconds', 8) };
  const child = fork(here, ['generator', JSON.stringify(job)]);
  const result = await new Promise<TransportResult>((resolve, reject) => {
    child.once('message', (value) => resolve(value as TransportResult));
    child.once('exit', (code) => reject(new Error(`${transport} ended with ${code}`)));
  });
  const share = result.mbitPerSPerViewer / WANTED_MBIT_PER_S;
  // A figure for work that was not done is worse than none.
  if (share < 0.9 || share > 1.1 || result.failures > 0) {
    throw new Error(
      `${protocol} ${transport}: ${JSON.stringify(result)}, wanted ${WANTED_MBIT_PER_S} Mbit/s`,
    );
  }
  return result;
}

async function main(): Promise<void> {
  const { child, ports } = await startOrigin();
  const results = new Map<string, TransportResult[]>();
  for (let round = 0; round < flag('rounds', 5); round++) {
    for (const protocol of PROTOCOLS) {
      for (const transport of CHOSEN) {
        const key = `${protocol} ${transport}`;
        results.set(key, [...(results.get(key) ?? []), await measure(protocol, transport, ports)]);
      }
    }
  }
  child.kill();
  for (const protocol of PROTOCOLS) {
    for (const transport of CHOSEN) {
      const drain = transport.startsWith('tls-') ? 'tls-drain' : 'drain';
      const drains = results.get(`${protocol} ${drain}`) ?? [];
      const rows = results.get(`${protocol} ${transport}`) ?? [];
      const cpuMs = median(rows.map((row) => row.cpuMsPerViewerSecond));
      const ratio = median(
        rows.map((row, i) => row.cpuMsPerViewerSecond / (drains[i]?.cpuMsPerViewerSecond ?? 1)),
      );
      const rssMb = median(rows.map((row) => row.rssBytes)) / 1e6;
      console.log(
        `${protocol} ${transport.padEnd(9)} ${cpuMs.toFixed(2)} ms/viewer-s  ${ratio.toFixed(2)} x ${drain}  ${rssMb.toFixed(0)} MB`,
      );
    }
  }
}

const [, , role, job] = process.argv;
if (role === 'origin') await runTransportOrigin();
else if (role === 'generator' && job !== undefined) {
  const parsed = JSON.parse(job) as { transport: string };
  if (!isTransport(parsed.transport)) throw new Error(`no transport ${parsed.transport}`);
  runTransportGenerator(JSON.parse(job));
} else await main();
