/**
 * A second, deliberately plain reading of what a viewer of an FLV stream sees, made only for the tests: it shares
 * no line with the players. It takes the recorded bytes and gives the stalls that the renderer's law predicts.
 */
import type { Recording } from './recording-proxy.js';

export interface Stall {
  readonly startedAtMs: number;
  readonly durationMs: number;
}

/** Playback starts with this much audio ahead, and after the k-th underrun with 0.2 * 2^k s, at most 3 s. */
const START_AUDIO_MS = 200;
const START_FRAMES = 1;
const UNDERRUN_GUARD_MS = 50;
const START_LAG_MS = 40;
const START_DELAY_MS = 8;
/** The first picture of a connection takes this long from its first byte. */
const FIRST_APPEND_MS = 26;
/** From the first byte to the first read: what came until then is one, and its speed is measured from then on. */
const FIRST_READ_MS = 5;
/** mpegts.js leaves a track alone until it has got two samples more. */
const LEAST_SAMPLES = 2;
const RESUME_DELAY_MS = 5;
/** The element knows of media this long after it came. */
const APPEND_DELAY_MS = 4;
/** mpegts.js holds bytes back: 512 at first, then an eighth of a second's worth, its speed rounded down by a list. */
const FIRST_STASH_BYTES = 512;
const SPEEDS_KB_PER_S = [32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096];

interface Tag {
  readonly audio: boolean;
  readonly keyframe: boolean;
  readonly dtsMs: number;
}

/**
 * The stalls of 100 ms and more after playing began. A stall that runs at the end of the recording is left out.
 * `shiftMs`: media count so much later, which shows what hangs on milliseconds.
 */
export function stallsOf(recording: Recording, shiftMs = 0): readonly Stall[] {
  const renderer = new Renderer(shiftMs);
  const stash = new Stash((recording[0]?.atMs ?? 0) + FIRST_READ_MS);
  for (const { atMs, bytes } of readsOf(recording)) renderer.arrive(stash.arrive(bytes, atMs), atMs);
  return renderer.stalls.filter((stall) => stall.durationMs >= 100);
}

/**
 * What arrives within 2 ms, of the beginning within 5 ms, is one read of the browser, of 64 KiB at most, and one more
 * of all that came behind. The recording has whole pieces: the one that goes beyond 64 KiB begins the second read.
 */
function readsOf(recording: Recording): Recording {
  const reads: Recording[number][] = [];
  let beganAtMs = Number.NEGATIVE_INFINITY;
  let mostBytes = 0;
  for (const { piece, begins } of cutAtPipe(recording)) {
    const last = reads.at(-1);
    const together = last !== undefined && piece.atMs - beganAtMs <= (reads.length === 1 ? FIRST_READ_MS : 2);
    if (together && !begins && last.bytes.length + piece.bytes.length <= mostBytes)
      reads[reads.length - 1] = { atMs: piece.atMs, bytes: Buffer.concat([last.bytes, piece.bytes]) };
    else {
      reads.push(piece);
      beganAtMs = piece.atMs;
      mostBytes = together ? 524_288 : 65_536;
    }
  }
  return reads;
}

/** After each 2 MiB of the body a read is cut: there the ring between Chromium's network and its page begins anew. */
function cutAtPipe(recording: Recording): { piece: Recording[number]; begins: boolean }[] {
  const cut: { piece: Recording[number]; begins: boolean }[] = [];
  let leftBytes = 2 ** 21;
  for (const { atMs, bytes } of recording) {
    const here = bytes.subarray(0, leftBytes);
    const behind = bytes.subarray(leftBytes);
    cut.push({ piece: { atMs, bytes: here }, begins: leftBytes === 2 ** 21 });
    if (behind.length > 0) cut.push({ piece: { atMs, bytes: behind }, begins: true });
    leftBytes = behind.length > 0 ? 2 ** 21 - behind.length : leftBytes - here.length || 2 ** 21;
  }
  return cut;
}

class Renderer {
  readonly stalls: Stall[] = [];
  #state: 'joining' | 'playing' | 'stalled' = 'joining';
  readonly #shiftMs: number;
  #firstMs: number | undefined;
  #aEndMs = Number.NaN;
  #vEndMs = Number.NaN;
  #frames = 0;
  #anchorMs = 0;
  #anchorAtMs = 0;
  #underruns = 0;
  #stalledAtMs = 0;
  #stalledAtMediaMs = 0;
  #firstAtMs: number | undefined;
  #waiting: Tag[] = [];

  constructor(shiftMs: number) {
    this.#shiftMs = shiftMs;
  }

  arrive(tags: readonly Tag[], atMs: number): void {
    this.#firstAtMs ??= atMs;
    this.#advance(atMs + APPEND_DELAY_MS + this.#shiftMs);
    this.#waiting.push(...tags);
    for (const audio of [false, true]) {
      const track = this.#waiting.filter((tag) => tag.audio === audio);
      if (track.length < LEAST_SAMPLES) continue;
      for (const tag of track) this.#extend(tag);
      this.#waiting = this.#waiting.filter((tag) => tag.audio !== audio);
    }
    if (this.#state === 'joining') this.#start(atMs);
    else if (this.#state === 'stalled') this.#resume(atMs);
  }

  /** The last sample of a track waits for the next one, so a track ends where its newest sample begins. */
  #extend(tag: Tag): void {
    if (!tag.audio && Number.isNaN(this.#vEndMs) && !tag.keyframe) return;
    this.#firstMs = Math.min(this.#firstMs ?? tag.dtsMs, tag.dtsMs);
    if (tag.audio) this.#aEndMs = tag.dtsMs;
    else {
      this.#vEndMs = tag.dtsMs;
      this.#frames++;
    }
  }

  #advance(atMs: number): void {
    if (this.#state !== 'playing') return;
    const underrunAtMs = this.#anchorAtMs + (this.#aEndMs - UNDERRUN_GUARD_MS - this.#anchorMs);
    if (underrunAtMs >= atMs) return;
    this.#state = 'stalled';
    this.#underruns++;
    this.#stalledAtMs = underrunAtMs;
    this.#stalledAtMediaMs = this.#aEndMs;
  }

  #start(atMs: number): void {
    const firstMs = this.#firstMs;
    if (firstMs === undefined || this.#frames <= START_FRAMES || this.#aEndMs - firstMs < START_AUDIO_MS)
      return;
    this.#state = 'playing';
    this.#anchorMs = firstMs;
    const playingAtMs = Math.max(atMs + START_DELAY_MS, (this.#firstAtMs as number) + FIRST_APPEND_MS);
    this.#anchorAtMs = playingAtMs + START_LAG_MS;
  }

  #resume(atMs: number): void {
    const neededMs = Math.min(200 * 2 ** this.#underruns, 3000);
    if (this.#aEndMs - this.#stalledAtMediaMs < neededMs || this.#vEndMs <= this.#stalledAtMediaMs) return;
    this.#state = 'playing';
    if (atMs <= this.#stalledAtMs + UNDERRUN_GUARD_MS) return; // undrained: the line goes on unbroken
    const playingAtMs = atMs + RESUME_DELAY_MS;
    this.stalls.push({ startedAtMs: this.#stalledAtMs, durationMs: playingAtMs - this.#stalledAtMs });
    this.#anchorMs = this.#stalledAtMediaMs;
    this.#anchorAtMs = playingAtMs + START_LAG_MS;
  }
}

/** Hands on the tags of what it held when the next piece would overflow it; a tag that is cut stays in it. */
class Stash {
  #held: Buffer = Buffer.alloc(0);
  #sizeBytes = FIRST_STASH_BYTES;
  #fileHeaderSeen = false;
  #secondFromMs: number;
  #secondBytes = 0;
  #lastSecondBytes = 0;

  /** @param readsFromMs when the library begins to read */
  constructor(readsFromMs: number) {
    this.#secondFromMs = readsFromMs;
  }

  arrive(bytes: Uint8Array, atMs: number): readonly Tag[] {
    this.#measure(bytes.length, atMs);
    if (this.#held.length + bytes.length <= this.#sizeBytes) {
      this.#held = Buffer.concat([this.#held, bytes]);
      return [];
    }
    const goesThrough = this.#held.length === 0;
    const { tags, rest } = this.#hop(goesThrough ? Buffer.from(bytes) : this.#held);
    this.#held = goesThrough ? rest : Buffer.concat([rest, bytes]);
    return tags;
  }

  #measure(sizeBytes: number, atMs: number): void {
    if (atMs - this.#secondFromMs >= 1000) {
      this.#lastSecondBytes = this.#secondBytes;
      this.#secondBytes = 0;
      this.#secondFromMs = atMs;
    }
    this.#secondBytes += sizeBytes;
    const spanS = (atMs - this.#secondFromMs) / 1000;
    const sofar = spanS >= 0.5 ? this.#secondBytes / spanS : 0;
    const kBPerS = (this.#lastSecondBytes > 0 ? this.#lastSecondBytes : sofar) / 1024;
    const step = SPEEDS_KB_PER_S.findLast((speed) => speed <= kBPerS);
    if (step !== undefined) this.#sizeBytes = (step / 8) * 1024;
  }

  /** From FLV tag to FLV tag (annex E.4.1). */
  #hop(content: Buffer): { readonly tags: readonly Tag[]; readonly rest: Buffer } {
    const tags: Tag[] = [];
    let at = this.#fileHeaderSeen ? 0 : 13;
    if (content.length < at) return { tags, rest: content };
    this.#fileHeaderSeen = true;
    while (at + 15 <= content.length) {
      const next = at + 15 + content.readUIntBE(at + 1, 3);
      if (next > content.length) break;
      const tag = readTag(content.subarray(at, next));
      if (tag !== undefined) tags.push(tag);
      at = next;
    }
    return { tags, rest: content.subarray(at) };
  }
}

/** Sequence headers and script tags are left out. */
function readTag(at: Buffer): Tag | undefined {
  const kind = (at[0] as number) & 0x1f;
  const dtsMs = at.readUIntBE(4, 3) + (at[7] as number) * 2 ** 24;
  const isSequenceHeader = at[12] === 0;
  if (isSequenceHeader || (kind !== 8 && kind !== 9)) return undefined;
  return { audio: kind === 8, keyframe: kind === 9 && (at[11] as number) >> 4 === 1, dtsMs };
}
