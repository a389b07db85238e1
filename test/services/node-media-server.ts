import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type Service, startService, temporaryFolder, waitForPort } from './child.js';

export interface NodeMediaServer extends Service {
  /** Publish `{rtmpUrl}/{key}`. */
  readonly rtmpUrl: string;
  /** Watch `{origin}/live/{key}.flv`: one folder less than the platform's own path. */
  readonly origin: string;
}

/** The npm package node-media-server in a process of its own: RTMP in, HTTP-FLV out. */
export async function startNodeMediaServer(): Promise<NodeMediaServer> {
  const folder = temporaryFolder('node-media-server');
  const [rtmpPort, httpPort] = [await freePort(), await freePort()];
  const main = fileURLToPath(new URL('./node-media-server-main.mjs', import.meta.url));
  const service = startService({
    command: process.execPath,
    args: [main, String(rtmpPort), String(httpPort), join(folder, 'store')],
    folder,
  });
  try {
    await waitForPort(rtmpPort, service);
    await waitForPort(httpPort, service);
  } catch (error) {
    await service.stop();
    throw error;
  }
  return {
    ...service,
    rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}/live`,
    origin: `http://127.0.0.1:${httpPort}`,
  };
}
