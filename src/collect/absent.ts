import type { CollectConfig } from './config.js';
import { MONITORING_FIELDS } from './monitoring-source.js';

const NOT_ASKED = 'no such source in the configuration';

const UNMONITORED = Object.fromEntries(
  Object.keys(MONITORING_FIELDS).map((name) => [
    `backend.${name}`,
    'no monitoring endpoint in the configuration',
  ]),
);

/** What no line of this configuration can hold, by section of appendix B, with the reason. */
export function absentSections({
  nginx,
  srs,
  backend,
  processes,
  redis,
  postgres,
  docker,
  host,
  generator,
}: CollectConfig): Record<string, string> {
  return {
    websocket:
      'the platform does not tell how many sockets its namespaces have nor count chat messages; never filled from our own counts',
    ...(docker === undefined ? { docker: NOT_ASKED } : {}),
    ...(host === true ? {} : { host: NOT_ASKED }),
    ...(generator === true ? {} : { generator: NOT_ASKED }),
    ...(nginx === undefined ? { nginx: NOT_ASKED } : {}),
    ...(srs === undefined ? { srs: NOT_ASKED } : {}),
    ...(backend === undefined ? { backend: NOT_ASKED } : {}),
    ...(backend !== undefined && backend.monitoring === undefined ? UNMONITORED : {}),
    ...(redis === undefined ? { redis: NOT_ASKED } : {}),
    ...(postgres === undefined ? { postgres: NOT_ASKED } : {}),
    ...(processes === undefined ? { process: NOT_ASKED } : {}),
  };
}
