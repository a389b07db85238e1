import type { SystemLine } from '../collect/line.js';
import { openCollector } from '../collect/open-collector.js';
import type { RunCollect, RunConfig } from '../config.js';
import type { Clock } from '../seams.js';
import type { Finding } from './finding.js';

/** Asks each source of `--collect` once, as the collector of a run does, and says who answers. */
export async function collectFindings(
  { config, file, intervalMs }: RunCollect,
  { allowTargets, insecure }: Pick<RunConfig, 'allowTargets' | 'insecure'>,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  let heard: (line: SystemLine) => void = () => {};
  const first = new Promise<SystemLine>((resolve) => {
    heard = resolve;
  });
  const order = { config, intervalMs, allowTargets, insecure };
  const { collector, sources, close } = openCollector(order, clock, env, {
    onLine: (line) => heard(line),
    onTurn: () => {},
  });
  collector.start();
  try {
    return sourceFindings(await first, sources, file);
  } finally {
    await collector.stop();
    close();
  }
}

/** What one line of the collector says of its sources. Pure. */
export function sourceFindings({ gaps }: Pick<SystemLine, 'gaps'>, sources: number, file: string): Finding[] {
  const silent = Object.entries(gaps);
  const text = `${sources - silent.length} of ${sources} sources of ${file} answer`;
  return [
    { id: 'sources', area: 'sources', severity: 'ok', text },
    ...silent.map(([name, why]): Finding => {
      const fix = `see that ${name} can be read from this machine by this user, or take it out of ${file}`;
      const words = `${name} does not answer: ${why}; its rows would stay without data`;
      return { id: 'source', area: 'sources', severity: 'error', text: words, fix };
    }),
  ];
}
