import type { Answer, RecordedRequest, ScriptedHttp } from './scripted-http.js';
import type { VirtualClock } from './virtual-clock.js';

/** The shape of a JSON Web Token, unsigned: nobody here checks it. */
export function unsignedToken(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.signature`;
}

/**
 * A platform's sign-in behind a ScriptedHttp, in virtual time: access tokens last `ttlMs`, each refresh token is
 * taken once, and `/api/products` refuses an access token that has expired. Fields are switches that a test turns.
 */
export class TokenPlatform {
  ttlMs = 15 * 60_000;
  refreshStatus = 201;
  refreshDelayMs = 20;
  refreshes = 0;
  private readonly clock: VirtualClock;
  private readonly validUntilEpochMs = new Map<string, number>();
  private refreshToken = '';

  constructor(clock: VirtualClock, http: ScriptedHttp) {
    this.clock = clock;
    http.route('POST /api/auth/refresh', (request) => this.refresh(request));
    http.route('/api/products', (request) => this.products(request));
  }

  /** Tokens as a users file has them. */
  issue(): { readonly userId: string; readonly accessToken: string; readonly refreshToken: string } {
    const expEpochMs = this.clock.epochMs() + this.ttlMs;
    const jti = this.validUntilEpochMs.size;
    const accessToken = unsignedToken({
      sub: 'u0',
      userId: 'u0',
      type: 'access',
      jti,
      exp: expEpochMs / 1000,
    });
    this.validUntilEpochMs.set(accessToken, expEpochMs);
    this.refreshToken = `refresh-${jti}`;
    return { userId: 'u0', accessToken, refreshToken: this.refreshToken };
  }

  /** Whether the platform takes this Cookie header for a signed-in user. */
  accepts(cookie: string): boolean {
    const token = /accessToken=([^;]+)/.exec(cookie)?.[1] ?? '';
    return (this.validUntilEpochMs.get(token) ?? 0) > this.clock.epochMs();
  }

  private refresh({ headers }: RecordedRequest): Answer {
    this.refreshes++;
    const headersAtMs = this.refreshDelayMs;
    const isKnown = headers?.cookie?.includes(`refreshToken=${this.refreshToken}`) ?? false;
    const status = isKnown ? this.refreshStatus : 401;
    if (status !== 201) {
      const errorCode = status === 401 ? 'TOKEN_REFRESH_FAILED' : 'INTERNAL_SERVER_ERROR';
      return { status, headersAtMs, body: JSON.stringify({ success: false, errorCode, message: 'x' }) };
    }
    const { accessToken, refreshToken } = this.issue();
    const cookies = [`accessToken=${accessToken}; Path=/`, `refreshToken=${refreshToken}; Path=/`];
    const body = JSON.stringify({ success: true, data: { message: 'refreshed' }, timestamp: 't' });
    return { status, headersAtMs, headers: { 'set-cookie': cookies }, body };
  }

  private products({ headers }: RecordedRequest): Answer {
    if (this.accepts(headers?.cookie ?? ''))
      return { headersAtMs: 10, body: '{"success":true,"data":[],"timestamp":"t"}' };
    return { status: 401, headersAtMs: 10, body: '{"success":false,"message":"Invalid or expired token"}' };
  }
}
