/** What of a request decides who answers it. */
export interface AskedFor {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly host: string | undefined;
  /** `Sec-Fetch-Site`: what browsers say of who asks. */
  readonly site: string | undefined;
}

export type Route =
  | { readonly kind: 'page' | 'events' | 'metrics' | 'health' }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 | 405; readonly words: string };

const PATHS: Readonly<Record<string, 'page' | 'events' | 'metrics' | 'health'>> = {
  '/': 'page',
  '/events': 'events',
  '/metrics': 'metrics',
  '/healthz': 'health',
};

/**
 * Who answers. A name that is not of this machine is refused, whatever address it leads to: a page of somebody else
 * could have it lead here (DNS rebinding). Other sites' pages get nothing but the page itself, by a link. Pure.
 */
export function routeOf({ method, url = '/', host, site }: AskedFor, port: number): Route {
  if (!isOwnHost(host, port)) return refused(403, 'asked for by another name: open http://127.0.0.1');
  if (method !== 'GET') return refused(405, 'only GET');
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const kind = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
  if (kind === undefined) return refused(404, 'there is /, /events, /metrics and /healthz');
  if (kind !== 'page' && (site === 'cross-site' || site === 'same-site'))
    return refused(403, 'asked for by the page of another site');
  return { kind };
}

function refused(status: 400 | 403 | 404 | 405, words: string): Route {
  return { kind: 'refused', status, words };
}

const NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** RFC 9110, 7.2: name and port; a client leaves 80 out. */
function isOwnHost(host: string | undefined, port: number): boolean {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host ?? '');
  if (match === null) return false;
  const [, name = '', seen = '80'] = match;
  return NAMES.has(name.toLowerCase()) && Number(seen) === port;
}
