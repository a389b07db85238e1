import { type M3u8Manifest, type M3u8Segment, Parser } from 'm3u8-parser';
import type { PlaylistErrorCode } from '../events.js';

/** One media segment of a list, RFC 8216 section 3. */
export interface PlaylistSegment {
  readonly sequence: number;
  /** As written: relative, absolute-path or absolute. */
  readonly uri: string;
  /** EXTINF as written; 0 is possible. */
  readonly durationMs: number;
  /** EXT-X-DISCONTINUITY stands before it. */
  readonly discontinuity: boolean;
  /**
   * Wall clock of its first sample: PROGRAM-DATE-TIME, or reckoned from a neighbour's within the same run of
   * continuous segments. Absent = unknown.
   */
  readonly programDateTimeEpochMs?: number;
  /** EXT-X-GAP: listed, but there is nothing to fetch. */
  readonly gap?: boolean;
}

/** A media playlist, RFC 8216 4.3.3. */
export interface MediaPlaylist {
  /** As hls.js takes it: whole seconds (a fraction is cut off), at least one. */
  readonly targetDurationMs: number;
  readonly mediaSequence: number;
  /** Absent when the list does not say. */
  readonly discontinuitySequence?: number;
  readonly endList: boolean;
  /** Some segment's wall clock is known. */
  readonly programDateTime?: boolean;
  readonly segments: readonly PlaylistSegment[];
}

/** One stream of a master playlist, RFC 8216 4.3.4.2. */
export interface PlaylistVariant {
  readonly uri: string;
  /** BANDWIDTH, 0 when absent. */
  readonly bandwidthBitsPerS: number;
}

export type ParsedPlaylist =
  | { readonly kind: 'master'; readonly variants: readonly PlaylistVariant[] }
  | { readonly kind: 'media'; readonly list: MediaPlaylist }
  | { readonly kind: 'error'; readonly code: PlaylistErrorCode; readonly detail: string };

/** Text beyond this is no live playlist (a week of 1-second segments would be longer, a live window is 1 KB). */
export const PLAYLIST_MAX_CHARS = 1024 * 1024;

/** What is handed to the parser. Other tags cannot change what a viewer does, and some make the parser throw. */
const KNOWN_TAGS =
  /^#(?:EXTM3U|EXTINF:|EXT-X-(?:TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY-SEQUENCE|PROGRAM-DATE-TIME):|EXT-X-(?:DISCONTINUITY|ENDLIST|GAP)\s*$)/;
const DECIMAL = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*(?:,|$)/;
const URI_LINE = /^[ \t]*[^#\s]/m;
const WHOLE_NUMBER = /^\s*(\d+)/;
const SEEN_TEXT_CHARS = 60;

/**
 * Reads a playlist (RFC 8216 section 4). EXT-X-KEY, EXT-X-MAP and byte ranges are not read: such media comes out
 * as wrong bytes of segments. Never throws: what a player could not use is an `error` with a bounded detail.
 *
 * m3u8-parser guesses where text is wrong (a missing duration becomes the target duration, 0 becomes 10 ms), so
 * the raw values of EXTINF and TARGETDURATION are taken along and judged here.
 */
export function parsePlaylist(text: string): ParsedPlaylist {
  if (text.length > PLAYLIST_MAX_CHARS) return failure('too_large', `${text.length} characters`);
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (!body.startsWith('#EXTM3U')) return failure('not_m3u8', `begins with ${shown(body)}`);
  let manifest: M3u8Manifest;
  try {
    manifest = parseLines(body);
  } catch (error) {
    // Not known to happen with the tags that are let through; a viewer must survive it all the same.
    return failure('not_m3u8', shown(String(error)));
  }
  const target = manifest.custom?.targetDuration;
  if (target === undefined && manifest.playlists !== undefined) return master(manifest.playlists);
  const seconds = wholeNumber(target);
  if (seconds === undefined)
    return failure('no_target_duration', target === undefined ? 'none' : shown(target));
  return media(manifest, Math.max(seconds, 1) * 1000, URI_LINE.test(body));
}

function parseLines(body: string): M3u8Manifest {
  const parser = new Parser();
  keepRaw(parser, /^#EXTINF:/, 'extInf', true);
  keepRaw(parser, /^#EXT-X-TARGETDURATION:/, 'targetDuration', false);
  keepRaw(parser, /^#EXT-X-MEDIA-SEQUENCE:/, 'mediaSequence', false);
  keepRaw(parser, /^#EXT-X-DISCONTINUITY-SEQUENCE:/, 'discontinuitySequence', false);
  parser.addParser({ expression: /^#EXT-X-GAP/, customType: 'gap', segment: true });
  for (const line of body.split(/[\r\n]+/)) {
    const text = line.trim();
    if (text.startsWith('#EXT-X-STREAM-INF:')) parser.push(streamInf(text));
    else if (text !== '' && (text[0] !== '#' || KNOWN_TAGS.test(text))) parser.push(`${text}\n`);
  }
  parser.end();
  return parser.manifest;
}

/** The tag with the one attribute that is used: the parser's split of a hostile list takes quadratic time. */
function streamInf(line: string): string {
  const bandwidth = /[:,]\s*BANDWIDTH=(\d{1,15})/.exec(line);
  return bandwidth === null ? '#EXT-X-STREAM-INF:\n' : `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth[1]}\n`;
}

/** Hands the tag's raw value out as `custom[name]` beside the parser's own reading of it. */
function keepRaw(parser: Parser, tag: RegExp, name: string, segment: boolean): void {
  const raw = `#RAW-${name}:`;
  parser.addTagMapper({ expression: tag, map: (line) => raw + line.slice(line.indexOf(':') + 1) });
  parser.addParser({
    expression: new RegExp(`^${raw}`),
    customType: name,
    dataParser: (line) => line.slice(raw.length),
    segment,
  });
}

function master(playlists: readonly M3u8Segment[]): ParsedPlaylist {
  const variants = playlists.map((entry) => ({
    uri: entry.uri,
    bandwidthBitsPerS: entry.attributes?.BANDWIDTH ?? 0,
  }));
  return variants.length === 0 ? failure('empty', 'a master without streams') : { kind: 'master', variants };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function media(manifest: M3u8Manifest, targetDurationMs: number, hasUris: boolean): ParsedPlaylist {
  const mediaSequence = wholeNumber(manifest.custom?.mediaSequence) ?? 0;
  const segments: Mutable<PlaylistSegment>[] = [];
  for (const entry of manifest.segments) {
    const inf = entry.custom?.extInf;
    const durationMs = decimalMs(inf);
    if (durationMs === undefined) {
      return failure('bad_segment', `duration ${inf === undefined ? 'missing' : shown(inf)}`);
    }
    const segment: Mutable<PlaylistSegment> = {
      sequence: mediaSequence + segments.length,
      uri: entry.uri,
      durationMs,
      discontinuity: entry.discontinuity === true,
    };
    const epochMs = entry.dateTimeObject?.getTime();
    if (epochMs !== undefined && Number.isFinite(epochMs)) segment.programDateTimeEpochMs = epochMs;
    if (entry.custom?.gap !== undefined) segment.gap = true;
    segments.push(segment);
  }
  if (segments.length === 0) {
    // Without a single EXTINF the parser lists no segments, whatever URIs there are.
    return hasUris ? failure('bad_segment', 'duration missing') : failure('empty', 'no segments');
  }
  reckonDates(segments);
  return { kind: 'media', list: toList(manifest, targetDurationMs, mediaSequence, segments) };
}

function toList(
  manifest: M3u8Manifest,
  targetDurationMs: number,
  mediaSequence: number,
  segments: readonly PlaylistSegment[],
): MediaPlaylist {
  const list: Mutable<MediaPlaylist> = {
    targetDurationMs,
    mediaSequence,
    endList: manifest.endList === true,
    segments,
  };
  const discontinuitySequence = wholeNumber(manifest.custom?.discontinuitySequence);
  if (discontinuitySequence !== undefined) list.discontinuitySequence = discontinuitySequence;
  if (segments.some((segment) => segment.programDateTimeEpochMs !== undefined)) list.programDateTime = true;
  return list;
}

/** Carries wall clocks to neighbours by durations, never over a discontinuity: what lies behind one is unknown. */
function reckonDates(segments: Mutable<PlaylistSegment>[]): void {
  for (let i = 1; i < segments.length; i++) {
    const before = segments[i - 1] as PlaylistSegment;
    const segment = segments[i] as Mutable<PlaylistSegment>;
    if (segment.programDateTimeEpochMs !== undefined || segment.discontinuity) continue;
    if (before.programDateTimeEpochMs === undefined) continue;
    segment.programDateTimeEpochMs = before.programDateTimeEpochMs + before.durationMs;
  }
  for (let i = segments.length - 2; i >= 0; i--) {
    const segment = segments[i] as Mutable<PlaylistSegment>;
    const after = segments[i + 1] as PlaylistSegment;
    if (segment.programDateTimeEpochMs !== undefined || after.discontinuity) continue;
    if (after.programDateTimeEpochMs === undefined) continue;
    segment.programDateTimeEpochMs = after.programDateTimeEpochMs - segment.durationMs;
  }
}

/** Leading digits as a number; undefined when there are none or too many. */
function wholeNumber(text: string | undefined): number | undefined {
  const digits = text === undefined ? null : WHOLE_NUMBER.exec(text);
  const value = digits === null ? Number.NaN : Number(digits[1]);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Seconds as EXTINF writes them, to microseconds; undefined when they are no decimal number. */
function decimalMs(text: string | undefined): number | undefined {
  const decimal = text === undefined ? null : DECIMAL.exec(text);
  const micros = decimal === null ? Number.NaN : Math.round(Number(decimal[1]) * 1e6);
  return Number.isSafeInteger(micros) ? micros / 1000 : undefined;
}

function failure(code: PlaylistErrorCode, detail: string): ParsedPlaylist {
  return { kind: 'error', code, detail };
}

/** Bounded, on one line. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, SEEN_TEXT_CHARS));
}
