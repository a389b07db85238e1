/** The text of SRS's playlists (RFC 8216 4.3, as measured on SRS 6.0.157). Pure. */
import type { Segment } from './hls-segmenter.js';

/** The first answer of a session: one variant whose URI carries the session's context. */
export function masterPlaylist(path: string, context: string, query: string): string {
  const rest = query === '' ? '' : `&${query}`;
  return `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n${path}?hls_ctx=${context}${rest}\n`;
}

/** The list of a session. `segments` is not empty. */
export function mediaPlaylist(
  segments: readonly Segment[],
  name: string,
  context: string,
  fragmentMs: number,
): string {
  const longestMs = Math.max(fragmentMs, ...segments.map((segment) => segment.durationMs));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.number ?? 0}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(longestMs / 1000)}`,
  ];
  for (const segment of segments) {
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
    lines.push(`#EXTINF:${(segment.durationMs / 1000).toFixed(3)}, no desc`);
    lines.push(`${name}-${segment.number}.ts?hls_ctx=${context}`);
  }
  return `${lines.join('\n')}\n`;
}
