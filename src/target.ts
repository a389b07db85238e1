/**
 * The addresses of one platform and how a viewer's page builds its URLs (contract 4.2). Pure.
 */

export interface Target {
  /** Base of REST, without a trailing slash, e.g. `http://127.0.0.1:4000`; calls add `/api/...`. */
  readonly apiUrl: string;
  /** Base of Socket.IO. */
  readonly socketUrl: string;
  /** Base of HTTP-FLV; the page adds `/live/live/{key}.flv`. */
  readonly flvUrl: string;
  /** Base of HLS; the page adds `/hls/{key}.m3u8`. */
  readonly hlsUrl: string;
  readonly streamKey: string;
}

/** One viewer's account. A guest (no token) watches but cannot chat or shop. */
export interface ViewerIdentity {
  readonly userId?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly sid?: string;
  /** For tokens that are made here; the platform's own carry it. */
  readonly email?: string;
}

export function flvStreamUrl(target: Target): string {
  return `${target.flvUrl}/live/live/${encodeURIComponent(target.streamKey)}.flv`;
}

export function hlsEntryUrl(target: Target): string {
  return `${target.hlsUrl}/hls/${encodeURIComponent(target.streamKey)}.m3u8`;
}
