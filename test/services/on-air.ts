import { onTestFinished } from 'vitest';
import type { Service } from './child.js';
import { startNodeMediaServer } from './node-media-server.js';
import { type RunningPublish, SMALL, startPublish } from './publish.js';

/** What must not stand in anything that the command says. */
export const STREAM_KEY = 'k3y-of-the-show';

/** A broadcast on a server of its own. */
export interface OnAir {
  readonly publish: RunningPublish;
  /** Where a viewer can watch it over HTTP-FLV. */
  readonly url: string;
  readonly server: Service;
}

/** Starts a server and a broadcast on it that a viewer can watch; both are gone after the test. */
export async function onAir(...args: string[]): Promise<OnAir> {
  const server = await startNodeMediaServer();
  onTestFinished(() => server.stop());
  const publish = startPublish(['--to', server.rtmpUrl, '--stream-key', STREAM_KEY, ...SMALL, ...args]);
  await publish.saysLine(/^on air$/m);
  return { publish, url: `${server.origin}/live/${STREAM_KEY}.flv`, server };
}
