/** The stage's users and their tokens (contract 2). */
import { createHash, randomUUID } from 'node:crypto';
import type { StageClock } from './stage-clock.js';
import { signToken, type TokenClaims, verifyToken } from './tokens.js';

export interface StageUser {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly sid: string;
}

/** One row for a load generator's user file. */
export interface UserRow {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sid: string;
}

/** The platform answers a refresh token that it has just taken with the same tokens again for so long. */
const REFRESH_RESULT_MS = 30_000;
/** As in the platform's production compose file. */
export const DEFAULT_ACCESS_TTL_S = 3600;
const REFRESH_TTL_S = 7 * 86_400;
const MAX_USERS = 200_000;

/** What the operator of a stage decides. */
export interface AccountRules {
  /** Every token is taken for a bad one. */
  refusesTokens(): boolean;
  /** Lifetime of access tokens, s. */
  readonly accessTtlS?: number;
}

export class Accounts {
  /** Lifetime of access tokens, s. */
  readonly accessTtlS: number;
  readonly #clock: StageClock;
  readonly #seed: string;
  readonly #secret: string;
  readonly #users = new Map<string, StageUser>();
  readonly #refusesTokens: () => boolean;
  /** Users who came by the test login and have not filled in their profile. */
  readonly #incomplete = new Set<string>();
  /** Refresh tokens that were taken, by `jti`, oldest first: each is taken once. */
  readonly #taken = new Map<unknown, { readonly row: UserRow; readonly atEpochMs: number }>();

  /** @param seed the same seed gives the same users */
  constructor(clock: StageClock, seed: string, secret: string, rules: AccountRules) {
    this.#clock = clock;
    this.#seed = seed;
    this.#secret = secret;
    this.#refusesTokens = () => rules.refusesTokens();
    this.accessTtlS = rules.accessTtlS ?? DEFAULT_ACCESS_TTL_S;
  }

  /** Users 0 to count - 1 with fresh tokens; the same users each time. */
  rows(count: number): UserRow[] {
    return Array.from({ length: count }, (_, index) =>
      this.#rowOf(this.#ensure(`viewer${index}@stage.local`)),
    );
  }

  /** The user of an e-mail address, made if new, and then without a profile. */
  login(email: string): { user: StageUser; row: UserRow } {
    const before = this.#users.size;
    const user = this.#ensure(email);
    if (this.#users.size > before) this.#incomplete.add(user.userId);
    return { user, row: this.#rowOf(user) };
  }

  isComplete(user: StageUser | undefined): boolean {
    return user !== undefined && !this.#incomplete.has(user.userId);
  }

  completeProfile({ userId }: StageUser): void {
    this.#incomplete.delete(userId);
  }

  /**
   * New tokens for a refresh token, or undefined. Each refresh token is taken once; who asks with it again within
   * 30 s (or half the life of an access token) gets the same answer.
   */
  refresh(token: string): UserRow | undefined {
    const user = this.userOf(token, 'refresh');
    if (user === undefined) return undefined;
    const nowMs = this.#clock.epochMs();
    const jti = this.#claimsOf(token)?.jti;
    const before = this.#taken.get(jti);
    const rememberedMs = Math.min(REFRESH_RESULT_MS, this.accessTtlS * 500);
    if (before) return nowMs - before.atEpochMs <= rememberedMs ? before.row : undefined;
    const row = this.#rowOf(user);
    this.#taken.set(jti, { row, atEpochMs: nowMs });
    if (this.#taken.size > MAX_USERS) this.#taken.delete(this.#taken.keys().next().value);
    return row;
  }

  /** The owner of a valid token of this type, or undefined. */
  userOf(token: string, type: 'access' | 'refresh'): StageUser | undefined {
    if (this.#refusesTokens()) return undefined;
    const claims = this.#claimsOf(token);
    if (claims === undefined || claims.type !== type) return undefined;
    return this.#users.get(claims.userId);
  }

  /** Name of a user, or the platform's word for nobody. */
  nameOf(userId: string): string {
    return this.#users.get(userId)?.name ?? '익명';
  }

  #claimsOf(token: string): TokenClaims | undefined {
    return verifyToken(token, this.#secret, this.#clock.epochMs() / 1000);
  }

  #ensure(email: string): StageUser {
    const userId = uuidOf(`${this.#seed}:user:${email}`);
    let user = this.#users.get(userId);
    if (user === undefined) {
      const name = email.split('@')[0] ?? email;
      user = { userId, email, name, sid: uuidOf(`${this.#seed}:sid:${email}`) };
      if (this.#users.size < MAX_USERS) this.#users.set(userId, user);
    }
    return user;
  }

  #rowOf(user: StageUser): UserRow {
    return {
      userId: user.userId,
      accessToken: this.#token(user, 'access', this.accessTtlS),
      refreshToken: this.#token(user, 'refresh', REFRESH_TTL_S),
      sid: user.sid,
    };
  }

  #token(user: StageUser, type: TokenClaims['type'], ttlS: number): string {
    const iat = Math.floor(this.#clock.epochMs() / 1000);
    const claims = {
      ...{ sub: user.userId, userId: user.userId, email: user.email, kakaoId: user.userId, name: user.name },
      ...{
        role: 'USER',
        profileComplete: this.isComplete(user),
        shippingAddressComplete: true,
        sid: user.sid,
        type,
      },
      ...{ jti: randomUUID(), iat, exp: iat + ttlS },
    };
    return signToken(claims, this.#secret);
  }
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const part = (from: number, to: number): string => hex.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-4${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`;
}
