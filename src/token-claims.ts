/**
 * What a JSON Web Token (RFC 7519) says of itself. The signature is not looked at: only its issuer can check it. Pure.
 */

export interface TokenFacts {
  /** Instant from which the token is not accepted any more, ms since the Unix epoch; absent = it names none. */
  readonly expEpochMs?: number;
  readonly userId?: string;
  readonly sid?: string;
  readonly profileComplete?: boolean;
}

/** Longer texts are no token that a cookie could carry. */
const MAX_CHARS = 16_384;

/** The facts of a token that can be read; undefined for a text that is no JSON Web Token. Never throws. */
export function readToken(token: string): TokenFacts | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || token.length > MAX_CHARS) return undefined;
  try {
    const claims: unknown = JSON.parse(atob((parts[1] as string).replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
    return factsOf(claims as Readonly<Record<string, unknown>>);
  } catch {
    return undefined;
  }
}

function factsOf(claims: Readonly<Record<string, unknown>>): TokenFacts {
  const { exp, userId, sub, sid, profileComplete } = claims;
  const owner = userId ?? sub;
  return {
    ...(typeof exp === 'number' && Number.isFinite(exp) ? { expEpochMs: exp * 1000 } : {}),
    ...(typeof owner === 'string' ? { userId: owner } : {}),
    ...(typeof sid === 'string' ? { sid } : {}),
    ...(typeof profileComplete === 'boolean' ? { profileComplete } : {}),
  };
}
