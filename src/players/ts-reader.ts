import type { MediaErrorCode } from '../events.js';
import { blankPes, fillPes, type TsPes, type TsSink } from './ts-reader-pes.js';
import { type ProgramMap, readPat, readPmt } from './ts-reader-psi.js';
import { TsTrack } from './ts-reader-track.js';

export type { TsPes, TsSink } from './ts-reader-pes.js';

const PACKET_BYTES = 188;
const SYNC = 0x47;
const PAT_PID = 0;

/**
 * Reads HLS segments of MPEG-TS (ISO 13818-1; RFC 8216 3.2) as their bytes arrive, in any cut: `push` per
 * chunk, `flush` when the segment's body is over, `resetForSegment` before the next one. Only headers are read;
 * a split packet is the only thing copied. Errors are reported and read past, as hls.js does.
 */
export class TsReader {
  readonly #sink: TsSink;
  readonly #video = new TsTrack('video');
  readonly #audio = new TsTrack('audio');
  readonly #map: ProgramMap = { videoPid: -1, videoCodec: 'avc', audioPid: -1, encrypted: false };
  readonly #packet = new Uint8Array(PACKET_BYTES);
  readonly #told = new Set<MediaErrorCode>();
  readonly #pes: TsPes = blankPes();

  /** Bytes of `#packet` in use. */
  #have = 0;
  /** Offset in the segment of the packet in work, and when its last byte came. */
  #at = 0;
  #nowMs = 0;
  #mapPid = -1;
  #patSeen = false;
  #pmtSeen = false;
  #videoSeen = false;
  /** Last unwrapped decoding time, the reference for the next; undefined = a new line begins. */
  #lastTicks90k: number | undefined;

  constructor(sink: TsSink) {
    this.#sink = sink;
  }

  /**
   * Before a segment's first byte. Continuity counters begin anew with each segment, since a player may leave
   * segments out. `discontinuity`: timestamps and PIDs do too; else time goes on and the last map holds.
   */
  resetForSegment(discontinuity: boolean): void {
    this.#have = 0;
    this.#at = 0;
    this.#patSeen = false;
    this.#pmtSeen = false;
    this.#videoSeen = false;
    this.#told.clear();
    this.#video.reset();
    this.#audio.reset();
    if (!discontinuity) return;
    this.#mapPid = -1;
    this.#video.pid = -1;
    this.#audio.pid = -1;
    this.#video.finder.reset();
    this.#lastTicks90k = undefined;
  }

  /** Reads the next bytes, which came at `atMs`. `chunk` may be a view into a pool: nothing of it is kept. */
  push(chunk: Uint8Array, atMs = 0): void {
    this.#nowMs = atMs;
    const end = chunk.length;
    let at = 0;
    if (this.#have > 0) {
      at = this.#gather(chunk, 0, end);
      if (this.#have < PACKET_BYTES) return;
      this.#have = 0;
      this.#read(this.#packet, 0);
    }
    for (; at + PACKET_BYTES <= end; at += PACKET_BYTES) this.#read(chunk, at);
    if (at < end) this.#gather(chunk, at, end);
  }

  /** The segment's body is over: hands out what is pending and says what the segment lacked. */
  flush(): void {
    if (this.#have > 0) this.#fail('ts_length');
    this.#have = 0;
    if (this.#video.firstByte <= this.#audio.firstByte) {
      this.#close(this.#video);
      this.#close(this.#audio);
    } else {
      this.#close(this.#audio);
      this.#close(this.#video);
    }
    if (!this.#patSeen) this.#fail('ts_no_pat');
    else if (!this.#pmtSeen) this.#fail('ts_no_pmt');
  }

  #gather(chunk: Uint8Array, from: number, end: number): number {
    const step = Math.min(PACKET_BYTES - this.#have, end - from);
    for (let i = 0; i < step; i++) this.#packet[this.#have + i] = chunk[from + i] as number;
    this.#have += step;
    return from + step;
  }

  #read(buf: Uint8Array, at: number): void {
    if (buf[at] === SYNC) this.#route(buf, at);
    else this.#fail('ts_sync');
    this.#at += PACKET_BYTES;
  }

  /** Packet header, ISO 13818-1 2.4.3.2. */
  #route(buf: Uint8Array, at: number): void {
    const pid = (((buf[at + 1] as number) & 0x1f) << 8) | (buf[at + 2] as number);
    if (pid === this.#video.pid) this.#element(this.#video, buf, at);
    else if (pid === this.#audio.pid) this.#element(this.#audio, buf, at);
    else if (pid === PAT_PID || pid === this.#mapPid) this.#table(pid, buf, at);
  }

  #element(track: TsTrack, buf: Uint8Array, at: number): void {
    const flags = buf[at + 3] as number;
    if ((flags & 0xc0) !== 0) this.#fail('encrypted');
    // Without payload the counter stands still.
    if ((flags & 0x10) === 0) return;
    const from = payloadAt(buf, at, flags);
    const excused = (flags & 0x20) !== 0 && (buf[at + 4] as number) > 0 && (buf[at + 5] as number) >= 0x80;
    const continuity = track.count(flags & 0x0f, excused);
    if (continuity === 'duplicate') return;
    if (continuity === 'lost') {
      this.#fail('ts_continuity');
      track.breakOff();
    }
    const to = at + PACKET_BYTES;
    if (from >= to) return;
    let error: MediaErrorCode | undefined;
    if (((buf[at + 1] as number) & 0x40) !== 0) {
      this.#close(track);
      error = track.open(buf, from, to, this.#at);
    } else error = track.extend(buf, from, to);
    track.lastByteAtMs = this.#nowMs;
    if (error !== undefined) this.#fail(error);
  }

  #table(pid: number, buf: Uint8Array, at: number): void {
    const flags = buf[at + 3] as number;
    // Only sections that begin in this packet; PSI counters are not checked, SRS restarts them per segment.
    if (((buf[at + 1] as number) & 0x40) === 0 || (flags & 0x10) === 0) return;
    const from = payloadAt(buf, at, flags);
    const to = at + PACKET_BYTES;
    if (pid === PAT_PID) {
      const mapPid = readPat(buf, from, to);
      if (mapPid < 0) return;
      this.#patSeen = true;
      this.#mapPid = mapPid;
    } else if (readPmt(buf, from, to, this.#map)) {
      this.#pmtSeen = true;
      this.#useMap();
    }
  }

  #useMap(): void {
    const { videoPid, audioPid, videoCodec, encrypted } = this.#map;
    if (encrypted) this.#fail('encrypted');
    else if (videoPid < 0 && audioPid < 0) this.#fail('unknown_codec');
    if (videoPid !== this.#video.pid || videoCodec !== this.#video.codec) {
      this.#video.reset();
      this.#video.pid = videoPid;
      this.#video.codec = videoCodec;
    }
    if (audioPid !== this.#audio.pid) {
      this.#audio.reset();
      this.#audio.pid = audioPid;
    }
  }

  /** The track's PES packet is complete: check it and hand it out. */
  #close(track: TsTrack): void {
    if (!track.pending) return;
    track.close();
    const announced = track.header.payloadBytes;
    if (announced >= 0 && announced !== track.sizeBytes) this.#fail('ts_pes');
    // SRS ends a dropped stream with a delimiter alone: no picture, and hls.js drops it too.
    if (track.kind === 'video' && !track.start.decided) return;
    const pes = this.#pes;
    fillPes(pes, track, this.#lastTicks90k);
    this.#lastTicks90k = pes.dtsTicks90k;
    if (track.adts.broken) this.#fail('ts_pes', pes.firstByte);
    if (track.kind === 'video') {
      if (!this.#videoSeen && !pes.keyframe) this.#fail('ts_no_keyframe', pes.firstByte);
      this.#videoSeen = true;
    }
    this.#sink.onPes(pes);
  }

  #fail(code: MediaErrorCode, atByte = this.#at): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.#sink.onError(code, atByte);
  }
}

/** Offset of a packet's payload, behind the adaptation field if there is one; may lie behind the packet. */
function payloadAt(buf: Uint8Array, at: number, flags: number): number {
  return (flags & 0x20) === 0 ? at + 4 : at + 5 + (buf[at + 4] as number);
}
