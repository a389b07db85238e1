/**
 * What reading media costs: FLV and TS readers over recorded streams and over streams of 2.6 Mbit/s, beside a
 * plain walk over the same bytes (the least that anything which looks at a stream can cost).
 *
 * Build and run: `npx tsc -p tsconfig.bench.json && node dist-bench/bench/readers.js`. The answers are checked
 * before anything is timed; medians of 7 rounds.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlvReader } from '../src/players/flv-reader.js';
import { TsReader } from '../src/players/ts-reader.js';

const FIXTURES = join(process.cwd(), 'test/fixtures/srs');
const ROUNDS = 7;
const ROUND_MS = 200;
const CALLS_PER_LOOK = 20;
/** What a socket hands over at a time. */
const CHUNK_BYTES = 65_536;
/** 2.6 Mbit/s of 30 pictures and 43 audio frames a second. */
const PICTURE_BYTES = 10_400;
const SOUND_BYTES = 140;
/** What a TS packet carries behind its header. */
const TS_PAYLOAD_BYTES = 184;

interface Subject {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is counted: tags or PES packets. */
  readonly unit: string;
  readonly wanted: number;
  /** One pass over all bytes; returns how many units it saw. */
  pass(): number;
}

function flv(name: string, bytes: Uint8Array, wanted: number): Subject {
  const pass = (): number => {
    let tags = 0;
    const reader = new FlvReader({
      onHeader: () => {},
      onTag: () => {
        tags++;
      },
      onError: (code, atByte) => assert.fail(`${name}: ${code} at ${atByte}`),
    });
    chunked(bytes, (chunk) => reader.push(chunk));
    reader.end();
    return tags;
  };
  return { name, bytes, unit: 'tag', wanted, pass };
}

function ts(name: string, bytes: Uint8Array, wanted: number): Subject {
  const pass = (): number => {
    let units = 0;
    const reader = new TsReader({
      onPes: () => {
        units++;
      },
      onError: (code, atByte) => assert.fail(`${name}: ${code} at ${atByte}`),
    });
    reader.resetForSegment(true);
    chunked(bytes, (chunk) => reader.push(chunk));
    reader.flush();
    return units;
  };
  return { name, bytes, unit: 'PES', wanted, pass };
}

function chunked(bytes: Uint8Array, push: (chunk: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) push(bytes.subarray(at, at + CHUNK_BYTES));
}

/** Every byte looked at once, in chunks: the yardstick. */
function walk(bytes: Uint8Array): number {
  let sum = 0;
  chunked(bytes, (chunk) => {
    for (let i = 0; i < chunk.length; i++) sum = (sum + (chunk[i] as number)) | 0;
  });
  return sum;
}

/** Median over rounds of the nanoseconds of CPU that one call takes; other processes do not count. */
function medianNs(run: () => unknown): number {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.cpuUsage();
    let calls = 0;
    let spentUs = 0;
    while (spentUs < ROUND_MS * 1000) {
      // The clock costs as much as a short pass: asked only now and then.
      for (let i = 0; i < CALLS_PER_LOOK; i++) run();
      calls += CALLS_PER_LOOK;
      spentUs = process.cpuUsage(started).user;
    }
    rounds.push((spentUs * 1000) / calls);
  }
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1] as number;
}

function recorded(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, name)));
}

/** The recorded stream's headers, then `seconds` of the same tags with bodies of 2.6 Mbit/s. */
function largeFlv(seconds: number): Uint8Array {
  const source = Buffer.from(recorded('plain/viewer.flv'));
  const parts: Buffer[] = [source.subarray(0, 13)];
  const headerTags = 3;
  let at = 13;
  for (let tag = 0; tag < headerTags; tag++) at = copyTag(source, at, parts);
  for (let frame = 0; frame < seconds * 30; frame++) {
    parts.push(flvTag(9, frame * 33, pictureBody(frame % 30 === 0)));
    parts.push(
      flvTag(8, frame * 33 + 5, Buffer.concat([Buffer.of(0xaf, 1), Buffer.alloc(SOUND_BYTES, 0x21)])),
    );
  }
  return new Uint8Array(Buffer.concat(parts));
}

function copyTag(source: Buffer, at: number, parts: Buffer[]): number {
  const end = at + 11 + source.readUIntBE(at + 1, 3) + 4;
  parts.push(source.subarray(at, end));
  return end;
}

function flvTag(type: number, timeMs: number, body: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  head.writeUIntBE(timeMs, 4, 3);
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE(11 + body.length);
  return Buffer.concat([head, body, trailer]);
}

/** SEI with a stamp, a slice, filler: what the stage sends. */
function pictureBody(key: boolean): Buffer {
  const stamp = stampOf();
  const slice = Buffer.alloc(PICTURE_BYTES / 2, 0xab);
  slice[0] = key ? 0x65 : 0x41;
  const filler = Buffer.alloc(PICTURE_BYTES / 2, 0xff);
  filler[0] = 0x0c;
  const nals = [stamp, slice, filler].flatMap((nal) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(nal.length);
    return [length, nal];
  });
  return Buffer.concat([Buffer.of(key ? 0x17 : 0x27, 1, 0, 0, 0), ...nals]);
}

/** A stamped SEI unit out of the recording: the first unit of its first picture. */
function stampOf(): Buffer {
  const source = Buffer.from(recorded('plain/viewer.flv'));
  const at = source.indexOf('DLCT1 ') - 16 - 3;
  return source.subarray(at, at + 3 + 47 + 1);
}

/** A recorded segment whose pictures are stretched to 2.6 Mbit/s by more packets. */
function largeTs(): Uint8Array {
  const source = Buffer.from(recorded('plain/plain-6.ts'));
  const parts: Buffer[] = [];
  let counter = -1;
  for (let at = 0; at < source.length; at += 188) {
    const packet = Buffer.from(source.subarray(at, at + 188));
    const pid = packet.readUInt16BE(1) & 0x1fff;
    if (pid !== 0x100) {
      parts.push(packet);
      continue;
    }
    if (counter < 0) counter = (packet[3] as number) & 15;
    const starts = ((packet[1] as number) & 0x40) !== 0;
    packet[3] = ((packet[3] as number) & 0xf0) | (counter++ & 15);
    // The announced length no longer fits: open, as long pictures have it.
    if (starts) packet.writeUInt16BE(0, packet.indexOf(Buffer.of(0, 0, 1, 0xe0)) + 4);
    parts.push(packet);
    for (let more = 0; starts && more < PICTURE_BYTES / TS_PAYLOAD_BYTES; more++) {
      const filler = Buffer.alloc(188, 0xff);
      filler.writeUInt32BE(0x47010010 | (counter++ & 15));
      parts.push(filler);
    }
  }
  return new Uint8Array(Buffer.concat(parts));
}

function report(subject: Subject): void {
  assert.equal(subject.pass(), subject.wanted, subject.name);
  const ns = medianNs(() => subject.pass());
  const walkNs = medianNs(() => walk(subject.bytes));
  const perUnit = (ns / subject.wanted).toFixed(0);
  const megabytesPerS = ((subject.bytes.length / ns) * 1000).toFixed(0);
  const packets =
    subject.unit === 'PES' ? `, ${(ns / (subject.bytes.length / 188)).toFixed(1)} ns/packet` : '';
  const ratio = (ns / walkNs).toFixed(3);
  console.log(
    `${subject.name}: ${perUnit} ns/${subject.unit}${packets}, ${megabytesPerS} MB/s, ${ratio} of a walk over the bytes`,
  );
}

const LARGE_SECONDS = 8;
report(flv('FLV as recorded', recorded('plain/viewer.flv'), 590));
report(flv('FLV at 2.6 Mbit/s', largeFlv(LARGE_SECONDS), 3 + LARGE_SECONDS * 60));
report(ts('TS as recorded', recorded('plain/plain-6.ts'), 73));
report(ts('TS at 2.6 Mbit/s', largeTs(), 73));
