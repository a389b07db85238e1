/** FLV tags as one HTTP chunk. Pure. */
import {
  FLV_TAG_AUDIO,
  FLV_TAG_HEADER_BYTES,
  FLV_TAG_SCRIPT,
  FLV_TAG_VIDEO,
  FLV_TRAILER_BYTES,
  writeFlvTagHeader,
  writeFlvTrailer,
} from '../media/flv-layout.js';
import type { MediaUnit, StreamHeaders } from './media-unit.js';

export interface FlvChunk {
  /** With its size line and both line ends. */
  readonly bytes: Buffer;
  /** Without them: what the viewer counts. */
  readonly bodyBytes: number;
  readonly tagCount: number;
}

interface Tag {
  readonly type: number;
  readonly timeMs: number;
  readonly head: Uint8Array;
  readonly rest: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** The chunk with `units`, whose times for this viewer are `timesMs`. */
export function mediaChunk(units: readonly MediaUnit[], timesMs: readonly number[]): FlvChunk {
  return chunkOf(
    units.map((unit, index) => ({
      type: unit.kind === 'video' ? FLV_TAG_VIDEO : FLV_TAG_AUDIO,
      timeMs: timesMs[index] as number,
      head: unit.flvHead,
      rest: unit.flvRest,
    })),
  );
}

/** The chunk with metadata and both sequence headers at time 0, in SRS's order. */
export function headersChunk(headers: StreamHeaders): FlvChunk {
  const tag = (type: number, head: Uint8Array): Tag => ({ type, timeMs: 0, head, rest: NOTHING });
  return chunkOf([
    tag(FLV_TAG_SCRIPT, headers.metadata),
    tag(FLV_TAG_AUDIO, headers.audioConfig),
    tag(FLV_TAG_VIDEO, headers.videoConfig),
  ]);
}

/** A chunk of any bytes. */
export function rawChunk(body: Uint8Array): FlvChunk {
  const size = `${body.length.toString(16)}\r\n`;
  const bytes = Buffer.concat([Buffer.from(size, 'latin1'), body, Buffer.from('\r\n', 'latin1')]);
  return { bytes, bodyBytes: body.length, tagCount: 0 };
}

function chunkOf(tags: readonly Tag[]): FlvChunk {
  let bodyBytes = 0;
  for (const tag of tags) bodyBytes += tag.head.length + tag.rest.length + TAG_OVERHEAD_BYTES;
  const size = `${bodyBytes.toString(16)}\r\n`;
  const bytes = Buffer.allocUnsafeSlow(size.length + bodyBytes + 2);
  bytes.write(size, 0, 'latin1');
  let at = size.length;
  for (const tag of tags) {
    const tagBytes = tag.head.length + tag.rest.length;
    writeFlvTagHeader(bytes, at, tag.type, tagBytes, tag.timeMs);
    bytes.set(tag.head, at + FLV_TAG_HEADER_BYTES);
    bytes.set(tag.rest, at + FLV_TAG_HEADER_BYTES + tag.head.length);
    writeFlvTrailer(bytes, at + FLV_TAG_HEADER_BYTES + tagBytes, tagBytes);
    at += TAG_OVERHEAD_BYTES + tagBytes;
  }
  bytes.write('\r\n', at, 'latin1');
  return { bytes, bodyBytes, tagCount: tags.length };
}

const TAG_OVERHEAD_BYTES = FLV_TAG_HEADER_BYTES + FLV_TRAILER_BYTES;
