/**
 * Takes secrets out of whatever is printed or written: the stream key, tokens and cookies of this run, and
 * everything that looks like one.
 */

export type Redact = (text: string) => string;

const MASK = '***';
/** Shorter secrets would blank out ordinary words; nobody's real key or token is that short. */
const MIN_SECRET_CHARS = 4;

/** JSON Web Tokens, RFC 7519: three base64url parts, the first two being JSON objects. */
const JWT = /\beyJ[\w-]+\.eyJ[\w-]+(?:\.[\w-]*)?/g;
/** `name=value` of the platform's cookies and of query parameters that carry secrets. */
const NAMED =
  /\b(accessToken|refreshToken|csrf-token|session_id|token|sid|hls_ctx|password|secret)=[^\s;&"',]+/gi;
const BEARER = /\b(Bearer)\s+[\w.~+/=-]+/gi;
/** Media paths of the page (contract 4.2): whatever stands for the key is masked even when it is not known. */
const FLV_PATH = /(\/live\/live\/)[^/?#\s"']+(\.flv)/g;
const HLS_PATH = /(\/hls\/)[^/?#\s"']+(\.m3u8)/g;
/** The last part of an RTMP address is the stream key; ffmpeg quotes it before a colon. */
const RTMP_KEY = /(rtmps?:\/\/[^\s"'/]*\/[^\s"']*\/)[^\s"'/]*[^\s"'/:,)]/gi;
const CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;

/**
 * A function that masks `secrets` wherever they stand, and everything of the known shapes. The list should be
 * short (stream key): tokens are caught by their shape and place.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const exact = secrets.filter((secret) => secret.length >= MIN_SECRET_CHARS).map(escapeRegExp);
  const known = exact.length > 0 ? new RegExp(exact.join('|'), 'g') : undefined;
  return (text) => {
    const masked = text
      .replace(JWT, MASK)
      .replace(NAMED, `$1=${MASK}`)
      .replace(BEARER, `$1 ${MASK}`)
      .replace(FLV_PATH, `$1${MASK}$2`)
      .replace(HLS_PATH, `$1${MASK}$2`)
      .replace(RTMP_KEY, `$1${MASK}`)
      .replace(CREDENTIALS, `$1${MASK}@`);
    return known ? masked.replace(known, MASK) : masked;
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
