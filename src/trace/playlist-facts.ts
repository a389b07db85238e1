import type { LineOf } from './line.js';

/** A list of a day is longer; what is counted in it is enough. */
const MAX_CHARS = 200_000;

type PlaylistFacts = Omit<LineOf<'playlist'>, 'kind' | 'atMs'>;

/**
 * What a playlist says of itself (RFC 8216), by a plain look at its tags: no judgement, the player makes that.
 * Undefined for a text that is none. `last` still carries whatever its name carries.
 */
export function playlistFacts(text: string): PlaylistFacts | undefined {
  if (!text.startsWith('#EXTM3U')) return undefined;
  const looked = text.slice(0, MAX_CHARS);
  const master = looked.includes('#EXT-X-STREAM-INF');
  const sequence = numberAfter(looked, '#EXT-X-MEDIA-SEQUENCE:');
  const targetS = numberAfter(looked, '#EXT-X-TARGETDURATION:');
  const last = looked
    .trimEnd()
    .split('\n')
    .findLast((line) => line.trim() !== '' && !line.startsWith('#'))
    ?.trim();
  return {
    master,
    segments: countOf(looked, master ? '#EXT-X-STREAM-INF' : '#EXTINF'),
    discontinuities: looked.match(/^#EXT-X-DISCONTINUITY\s*$/gm)?.length ?? 0,
    ended: looked.includes('#EXT-X-ENDLIST'),
    ...(sequence === undefined ? {} : { sequence }),
    ...(targetS === undefined ? {} : { targetDurationMs: targetS * 1000 }),
    ...(last === undefined ? {} : { last }),
  };
}

function numberAfter(text: string, tag: string): number | undefined {
  const at = text.indexOf(tag);
  if (at < 0) return undefined;
  const value = Number.parseFloat(text.slice(at + tag.length, at + tag.length + 20));
  return Number.isFinite(value) ? value : undefined;
}

function countOf(text: string, tag: string): number {
  return text.split(tag).length - 1;
}
