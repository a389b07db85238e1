import type { CollectConfig } from './config.js';

const NOT_ASKED = 'no such source in the configuration';

/** What no line of this configuration can hold, by section of appendix B, with the reason. */
export function absentSections({
  nginx,
  srs,
  backend,
  processes,
  redis,
  postgres,
}: CollectConfig): Record<string, string> {
  return {
    docker: 'not collected from the engine; processes and control groups are under process',
    websocket:
      'the platform does not tell how many sockets its namespaces have nor count chat messages; never filled from our own counts',
    ...(nginx === undefined ? { nginx: NOT_ASKED } : {}),
    ...(srs === undefined ? { srs: NOT_ASKED } : {}),
    ...(backend === undefined ? { backend: NOT_ASKED } : {}),
    ...(redis === undefined ? { redis: NOT_ASKED } : {}),
    ...(postgres === undefined ? { postgres: NOT_ASKED } : {}),
    ...(processes === undefined ? { process: NOT_ASKED } : {}),
  };
}
