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

const ACCESS_TTL_S = 3600;
const REFRESH_TTL_S = 7 * 86_400;
const MAX_USERS = 200_000;

export class Accounts {
  readonly #clock: StageClock;
  readonly #seed: string;
  readonly #secret: string;
  readonly #users = new Map<string, StageUser>();
  readonly #refusesTokens: () => boolean;

  /** @param seed the same seed gives the same users */
  constructor(clock: StageClock, seed: string, secret: string, refusesTokens: () => boolean) {
    this.#clock = clock;
    this.#seed = seed;
    this.#secret = secret;
    this.#refusesTokens = refusesTokens;
  }

  /** Users 0 to count - 1 with fresh tokens; the same users each time. */
  rows(count: number): UserRow[] {
    return Array.from({ length: count }, (_, index) =>
      this.#rowOf(this.#ensure(`viewer${index}@stage.local`)),
    );
  }

  /** The user of an e-mail address, made if new. */
  login(email: string): { user: StageUser; row: UserRow } {
    const user = this.#ensure(email);
    return { user, row: this.#rowOf(user) };
  }

  /** The owner of a valid token of this type, or undefined. */
  userOf(token: string, type: 'access' | 'refresh'): StageUser | undefined {
    if (this.#refusesTokens()) return undefined;
    const claims = verifyToken(token, this.#secret, this.#clock.epochMs() / 1000);
    if (claims === undefined || claims.type !== type) return undefined;
    return this.#users.get(claims.userId);
  }

  /** Name of a user, or the platform's word for nobody. */
  nameOf(userId: string): string {
    return this.#users.get(userId)?.name ?? '익명';
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
      accessToken: this.#token(user, 'access', ACCESS_TTL_S),
      refreshToken: this.#token(user, 'refresh', REFRESH_TTL_S),
      sid: user.sid,
    };
  }

  #token(user: StageUser, type: TokenClaims['type'], ttlS: number): string {
    const iat = Math.floor(this.#clock.epochMs() / 1000);
    const claims = {
      ...{ sub: user.userId, userId: user.userId, email: user.email, kakaoId: user.userId, name: user.name },
      ...{ role: 'USER', profileComplete: true, shippingAddressComplete: true, sid: user.sid, type },
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
