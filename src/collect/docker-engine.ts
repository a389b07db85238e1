import type { Http } from '../seams.js';
import { DEFAULT_DOCKER_HOST, parseDockerHost } from './docker-host.js';
import type { DockerEngine } from './docker-source.js';
import { StatsStream } from './docker-stream.js';
import { createFetchText } from './fetch-text.js';

/** How connections are made; each client is closed by whoever asked for it. */
export interface DockerNet {
  unix(path: string): Http;
  tcp(): Http;
  nowMs(): number;
}

/** Two questions, one after the other, must fit into the deadline of the source. */
const SHARE_OF_DEADLINE = 0.4;

/** An engine over its socket. One that cannot be spoken to rejects each question with the reason. */
export function openDockerEngine(
  host: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  net: DockerNet,
  deadlineMs: number,
): DockerEngine {
  const fromEnv = env.DOCKER_HOST === '' ? undefined : env.DOCKER_HOST;
  const place = parseDockerHost(host ?? fromEnv ?? DEFAULT_DOCKER_HOST);
  if (place === undefined) return unspoken('DOCKER_HOST is neither unix:///PATH nor tcp://HOST:PORT');
  const open = (): Http => (place.kind === 'unix' ? net.unix(place.path) : net.tcp());
  const origin = place.kind === 'unix' ? 'http://docker' : place.origin;
  const http = open();
  const fetchText = createFetchText(http, Math.round(deadlineMs * SHARE_OF_DEADLINE));
  return {
    get: async (path, signal) => {
      try {
        return await fetchText(`${origin}${path}`, signal);
      } catch (error) {
        throw place.kind === 'unix' ? inWords(error, place.path) : error;
      }
    },
    stream: (path) => new StatsStream(open(), `${origin}${path}`, net.nowMs),
    close: () => http.close(),
  };
}

function inWords(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error.message.includes('ENOENT')) return new Error(`there is no socket ${path}`);
  if (error.message.includes('EACCES')) return new Error(`no right to use the socket ${path}`);
  return error;
}

function unspoken(why: string): DockerEngine {
  return {
    get: () => Promise.reject(new Error(why)),
    stream: () => {
      throw new Error(why);
    },
    close: () => {},
  };
}
