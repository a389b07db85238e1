import {
  FLV_FILE_HEADER,
  FLV_TAG_AUDIO,
  FLV_TAG_HEADER_BYTES,
  FLV_TAG_SCRIPT,
  FLV_TAG_VIDEO,
  FLV_TRAILER_BYTES,
  writeFlvTagHeader,
  writeFlvTrailer,
} from '../../../src/media/flv-layout.js';
import { rawChunk } from '../../../src/stage/flv-batch.js';
import type { Programme } from './programme.js';

const FLAGS_AT = 4;
const AUDIO_FLAG = 4;

/** What SRS sends before any media: file header, metadata and sequence headers, as two HTTP chunks. */
export function flvHead(programme: Programme): Buffer {
  const { headers, tracks } = programme;
  const file = Buffer.from(FLV_FILE_HEADER);
  if (tracks === 'audio') file[FLAGS_AT] = AUDIO_FLAG;
  const tags = [tag(FLV_TAG_SCRIPT, headers.metadata), tag(FLV_TAG_AUDIO, headers.audioConfig)];
  if (tracks === 'both') tags.push(tag(FLV_TAG_VIDEO, headers.videoConfig));
  return Buffer.concat([rawChunk(file).bytes, rawChunk(Buffer.concat(tags)).bytes]);
}

function tag(type: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(FLV_TAG_HEADER_BYTES + body.length + FLV_TRAILER_BYTES);
  writeFlvTagHeader(bytes, 0, type, body.length, 0);
  bytes.set(body, FLV_TAG_HEADER_BYTES);
  writeFlvTrailer(bytes, FLV_TAG_HEADER_BYTES + body.length, body.length);
  return bytes;
}
