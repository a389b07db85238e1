/** JSON Web Tokens with HS256 (RFC 7515, RFC 7519), as far as the platform uses them. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Claims of an access or refresh token (contract 2). Times in seconds since the Unix epoch. */
export interface TokenClaims {
  readonly sub: string;
  readonly userId: string;
  readonly type: 'access' | 'refresh';
  readonly sid: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly [name: string]: unknown;
}

const HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
const LONGEST_TOKEN = 8192;

export function signToken(claims: TokenClaims, secret: string): string {
  const body = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${body}.${signatureOf(body, secret)}`;
}

/** The claims of a well-signed token that has not expired, or undefined. Never throws. */
export function verifyToken(token: string, secret: string, nowEpochS: number): TokenClaims | undefined {
  const lastDot = token.lastIndexOf('.');
  if (lastDot < 0 || token.length > LONGEST_TOKEN) return undefined;
  const wanted = Buffer.from(signatureOf(token.slice(0, lastDot), secret));
  const seen = Buffer.from(token.slice(lastDot + 1));
  if (wanted.length !== seen.length || !timingSafeEqual(wanted, seen)) return undefined;
  try {
    const body = token.slice(token.indexOf('.') + 1, lastDot);
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as TokenClaims;
    return claims.exp > nowEpochS ? claims : undefined;
  } catch {
    return undefined;
  }
}

function signatureOf(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('base64url');
}
