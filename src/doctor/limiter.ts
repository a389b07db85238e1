/** What came back of one question; bounded. */
export interface ProbeAnswer {
  /** Absent = no answer of HTTP. */
  readonly status?: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its beginning. */
  readonly body: string;
  /** Why there is no answer: refused, reset, cut, timeout. */
  readonly failure?: string;
}

/** Who refuses, as far as an answer shows it. */
export interface Limiter {
  readonly who: string;
  /** Status and marks that this was told from. */
  readonly evidence: string;
  readonly fix: string;
}

const EXEMPT = 'let the generator through there while it is tested, or use --local-ips or several boxes';

/** A status that limiters answer with. */
export function isRefusal({ status, failure }: ProbeAnswer): boolean {
  return failure !== undefined ? failure !== 'timeout' : status === 429 || status === 503 || status === 502;
}

/** Names the one who refused `answer`. `what`: nginx has a module for each. Pure. */
export function limiterOf(answer: ProbeAnswer, what: 'connections' | 'requests'): Limiter {
  const { status, headers, body, failure } = answer;
  if (failure !== undefined || status === undefined) {
    const fix = `find who closes or drops them: a firewall, worker_connections of nginx, max_connections of SRS, open files of a server; ${EXEMPT}`;
    return { who: 'somebody who hangs up or says nothing', evidence: failure ?? 'no answer', fix };
  }
  const marks = [`HTTP ${status}`];
  const server = headers.server;
  if (server !== undefined) marks.push(`server: ${server.slice(0, 40)}`);
  const evidence = (...more: readonly string[]): string => [...marks, ...more].join(', ');
  const cdn = CDNS.find(([header]) => headers[header] !== undefined);
  if (cdn !== undefined) return { who: cdn[1], evidence: evidence(cdn[0]), fix: `${EXEMPT} (${cdn[1]})` };
  const throttle = Object.keys(headers).find((name) => /^(x-ratelimit-|retry-after-|ratelimit)/.test(name));
  if (status === 429 && (throttle !== undefined || isEnvelope(body))) {
    const who = "the application's own throttle (NestJS ThrottlerGuard), which takes all viewers for one";
    const marked =
      throttle === undefined ? 'an envelope of the application' : `${throttle}: ${headers[throttle]}`;
    const fix =
      'THROTTLE_SHORT_LIMIT and its like higher while it is tested, or THROTTLE_DISABLED=true; better a key by session and not by address';
    return { who, evidence: evidence(marked), fix };
  }
  if (status === 502) {
    const fix = 'raise max_connections of the server behind, or its open files';
    return { who: 'a proxy whose server behind takes no more', evidence: evidence(), fix };
  }
  if (isEnvelope(body))
    return { who: 'the application', evidence: evidence('an envelope of the application'), fix: EXEMPT };
  if (/nginx/i.test(`${server} ${body}`)) {
    const module = what === 'connections' ? 'limit_conn' : 'limit_req';
    const fix = `key the zone of ${module} by a geo or map variable that is empty for the generator's address while it is tested; or --local-ips, or several boxes`;
    return { who: `nginx, ${module}`, evidence: evidence("nginx's own page"), fix };
  }
  const more = headers['retry-after'] === undefined ? [] : [`retry-after: ${headers['retry-after']}`];
  return { who: 'a proxy or the application', evidence: evidence(...more), fix: EXEMPT };
}

const CDNS: readonly (readonly [string, string])[] = [
  ['cf-ray', 'Cloudflare'],
  ['x-amz-cf-id', 'CloudFront'],
  ['x-amzn-waf-action', 'AWS WAF'],
  ['x-akamai-request-id', 'Akamai'],
];

function isEnvelope(body: string): boolean {
  return /^\s*\{/.test(body) && /"(success|message|statusCode)"\s*:/.test(body);
}
