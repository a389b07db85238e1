import { isIP } from 'node:net';
import type { Mix } from '../scenarios/profile.js';

/**
 * Parsers of single values as they stand on the command line. Pure; each returns the value, or `undefined` when
 * the text is not of its kind: the caller names the flag.
 */

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `3m`, `1h30m`, `1.5m`, `500ms` -> milliseconds. A number without a unit is refused. */
export function parseDuration(text: string): number | undefined {
  const whole = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(whole)) return undefined;
  let totalMs = 0;
  for (const [, value, unit] of whole.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    totalMs += Number(value) * (DURATION_UNITS_MS[unit ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(totalMs) ? totalMs : undefined;
}

/** Milliseconds -> the shortest text of `parseDuration`'s grammar, to a tenth of a second: `1m30s`, `2.5s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const tenths = Math.round(ms / 100);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor((tenths % 36_000) / 600);
  const seconds = (tenths % 600) / 10;
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${
    seconds > 0 || (hours === 0 && minutes === 0) ? `${seconds}s` : ''
  }`;
}

/** A whole number in `[from, to]`. */
export function parseWhole(text: string, from: number, to: number): number | undefined {
  if (!/^-?\d+$/.test(text.trim())) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= from && value <= to ? value : undefined;
}

/** `2600000`, `2600k`, `2.6M` -> bits per second. */
export function parseBitrate(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text.trim());
  if (!match) return undefined;
  const factor = match[2] === 'M' ? 1e6 : match[2] === 'k' ? 1000 : 1;
  return Math.round(Number(match[1]) * factor);
}

/** `hls=70,flv=30`, in any order, each at most once, whole weights up to 1000 of which one is above 0. */
export function parseMix(text: string): Mix | undefined {
  const mix = { hls: 0, flv: 0 };
  const seen = new Set<string>();
  for (const part of text.split(',')) {
    const match = /^\s*(hls|flv)\s*=\s*(\d{1,4})\s*$/i.exec(part);
    if (!match) return undefined;
    const protocol = (match[1] as string).toLowerCase() as 'hls' | 'flv';
    const weight = Number(match[2]);
    if (seen.has(protocol) || weight > 1000) return undefined;
    seen.add(protocol);
    mix[protocol] = weight;
  }
  return mix.hls + mix.flv > 0 ? mix : undefined;
}

/** An absolute http(s) URL without credentials, query or fragment -> its text without trailing slashes. */
export function parseBaseUrl(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.hostname === '' || url.username !== '' || url.password !== '') return undefined;
  if (url.search !== '' || url.hash !== '') return undefined;
  return url.href.replace(/\/+$/, '');
}

/** The host of an absolute URL, lower case, without brackets or port. */
export function hostOf(url: string): string {
  return new URL(url).hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

/** True for `localhost`, 127.0.0.0/8 and ::1. A name is loopback only when it says so by itself. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
