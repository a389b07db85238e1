import type { EmitEvent } from '../events.js';
import type { Cancel, Clock, Rng } from '../seams.js';
import type { ViewerIdentity } from '../target.js';
import { readToken } from '../token-claims.js';
import type { ApiAnswer } from './api-outcome.js';
import type { CookieJar } from './cookie-jar.js';

/** The page's own timer (contract 2): each wait is drawn anew. */
export const REFRESH_EVERY = { atLeastMs: 8 * 60_000, jitterMs: 2 * 60_000 } as const;

/** Where the platform renews a token; its cookies need not be sent to other places. */
export const REFRESH_PATH = '/api/auth/refresh';

/** Why a new token was asked for. */
export type RenewCause = 'timer' | 'unauthorized' | 'socket' | 'start';

export interface TokenSessionDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly jar: CookieJar;
  readonly identity: ViewerIdentity;
  readonly apiUrl: string;
  readonly emit: EmitEvent;
  /** POST /api/auth/refresh; undefined when the viewer left first. */
  refresh(): Promise<ApiAnswer | undefined>;
  /** Makes an access token without the platform; absent = the platform is asked. */
  readonly mint?: ((identity: ViewerIdentity) => Promise<string>) | undefined;
  /** Takes the new tokens, for the viewer's next stay: the platform does not accept the old ones for long. */
  readonly onTokens?: ((identity: ViewerIdentity) => void) | undefined;
  /** The platform refused to go on with this session: the page goes to the login. */
  onSignedOut(): void;
  /** Takes a fault of our own. */
  onFault(error: unknown): void;
}

/**
 * One viewer's sign-in. The access token lasts minutes; the page renews it by a timer, on any 401, and when /chat
 * refuses it. Whoever asks while a renewal runs waits for that one.
 *
 * | renewal | report | next |
 * |---|---|---|
 * | new token | `ok`, `minted` | cookies replaced; sockets use them at their next connect |
 * | refused by the platform (401) | `refused` | signed out: nobody asks again, calls go on with the old token |
 * | any other answer, or none | `failed` | the next 401 or the timer asks again |
 * | the account has no refresh token | `no_token`, once | signed out |
 *
 * (token-session.test.ts repeats the table)
 */
export interface TokenSession {
  /** Starts the timer, where the session can be renewed at all. */
  start(): void;
  /** True when there is a new token. Never rejects. */
  renew(cause: RenewCause): Promise<boolean>;
  /** Calls `fn`: now, or when a token that has expired is renewed or could not be. */
  whenFresh(fn: () => void): void;
  /** Ends the timer; no report comes after it. */
  close(): void;
}

export function createTokenSession(deps: TokenSessionDeps): TokenSession {
  return new ViewerTokenSession(deps);
}

class ViewerTokenSession implements TokenSession {
  private readonly deps: TokenSessionDeps;
  private identity: ViewerIdentity;
  private running: Promise<boolean> | undefined;
  private timer: Cancel | undefined;
  private signedOut = false;
  private closed = false;

  constructor(deps: TokenSessionDeps) {
    this.deps = deps;
    this.identity = deps.identity;
  }

  start(): void {
    if (this.canRenew) this.plan();
  }

  renew(cause: RenewCause): Promise<boolean> {
    if (this.closed || this.signedOut || this.identity.accessToken === undefined)
      return Promise.resolve(false);
    this.running ??= this.renewOnce(cause)
      .catch((error: unknown) => {
        this.deps.onFault(error);
        return false;
      })
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  whenFresh(fn: () => void): void {
    const { clock } = this.deps;
    if (!this.hasExpired(this.identity.accessToken) || !this.canRenew) {
      fn();
      return;
    }
    // By the clock, whose fence holds what `fn` throws.
    void this.renew('start').then(() => clock.after(0, fn));
  }

  close(): void {
    this.closed = true;
    this.timer?.();
  }

  private get canRenew(): boolean {
    const { accessToken, refreshToken } = this.identity;
    return accessToken !== undefined && (refreshToken !== undefined || this.deps.mint !== undefined);
  }

  private hasExpired(token: string | undefined): boolean {
    const expEpochMs = readToken(token ?? '')?.expEpochMs;
    return expEpochMs !== undefined && expEpochMs <= this.deps.clock.epochMs();
  }

  private plan(): void {
    const { clock, rng } = this.deps;
    const delayMs = REFRESH_EVERY.atLeastMs + REFRESH_EVERY.jitterMs * rng.next();
    this.timer = clock.after(delayMs, () => {
      this.plan();
      void this.renew('timer');
    });
  }

  private async renewOnce(cause: RenewCause): Promise<boolean> {
    const { clock, mint } = this.deps;
    const startedAtMs = clock.nowMs();
    const outcome = mint ? await this.minted(mint) : await this.asked();
    if (outcome === undefined || this.closed) return false;
    const atMs = clock.nowMs();
    this.deps.emit({ kind: 'token_refresh', atMs, cause, outcome, durationMs: atMs - startedAtMs });
    if (outcome === 'refused' || outcome === 'no_token') this.signOut();
    return outcome === 'ok' || outcome === 'minted';
  }

  private async minted(mint: (identity: ViewerIdentity) => Promise<string>): Promise<'minted'> {
    this.adopt({ ...this.identity, accessToken: await mint(this.identity) });
    return 'minted';
  }

  private async asked(): Promise<'ok' | 'refused' | 'failed' | 'no_token' | undefined> {
    const { jar, apiUrl, refresh } = this.deps;
    if (this.identity.refreshToken === undefined) return 'no_token';
    const answer = await refresh();
    if (answer === undefined) return undefined;
    if (answer.outcome === 'unauthorized') return 'refused';
    const at = `${apiUrl}${REFRESH_PATH}`;
    const accessToken = jar.value(at, 'accessToken');
    // An answer that leaves us with a token of no use has renewed nothing, whatever it says. The same token again is
    // none of these: the platform remembers an answer for 30 s.
    if (answer.outcome !== 'ok' || accessToken === undefined || this.hasExpired(accessToken)) return 'failed';
    const refreshToken = jar.value(at, 'refreshToken') ?? this.identity.refreshToken;
    this.adopt({ ...this.identity, accessToken, refreshToken });
    return 'ok';
  }

  private adopt(identity: ViewerIdentity): void {
    this.identity = identity;
    this.deps.jar.signIn(identity);
    this.deps.onTokens?.(identity);
  }

  private signOut(): void {
    this.signedOut = true;
    this.timer?.();
    this.deps.onSignedOut();
  }
}
