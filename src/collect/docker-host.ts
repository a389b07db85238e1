/** Where a Docker Engine listens. */
export type DockerHost =
  | { readonly kind: 'unix'; readonly path: string }
  /** `http://host:port`, without TLS. */
  | { readonly kind: 'tcp'; readonly origin: string };

/** As the engine's own command line has it when nothing is said. */
export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/** A path, `unix:///path` or `tcp://host:port`; undefined for all others (`ssh://`, `npipe://`, TLS). */
export function parseDockerHost(text: string): DockerHost | undefined {
  const path = text.startsWith('unix://') ? text.slice('unix://'.length) : text;
  if (path.startsWith('/'))
    return path.length > 1 && !path.includes('\0') ? { kind: 'unix', path } : undefined;
  const [, place] = /^tcp:\/\/([^/?#@]+)\/?$/.exec(text) ?? [];
  if (place === undefined || !/:\d+$/.test(place) || !URL.canParse(`http://${place}`)) return undefined;
  return { kind: 'tcp', origin: `http://${new URL(`http://${place}`).host || place}` };
}
