import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BitReader } from '../../src/media/bit-reader.js';
import { copyRbsp } from '../../src/media/rbsp.js';
import { blankSpsTiming, readSpsTiming } from '../../src/media/sps-timing.js';
import { CaptureFinder } from '../../src/players/capture-finder.js';
import { escaped } from '../support/annotated-bytes.js';
import { bytes } from '../support/media-bytes.js';
import { needs, programPath } from './available.js';
import { temporaryFolder } from './child.js';

/** Runs a program to its end; everything it said. */
function ran(program: 'ffmpeg' | 'ffprobe', args: readonly string[]): string {
  const path = programPath(program) ?? program;
  const done = spawnSync(path, [...args], { encoding: 'utf8', timeout: 60_000, maxBuffer: 64 << 20 });
  expect(done.status, done.stderr).toBe(0);
  return done.stdout + done.stderr;
}

/** Twelve small pictures as x264 writes them with these options. */
function encoded(rate: string, options: readonly string[], x264: string): string {
  const path = join(temporaryFolder('capture'), 'video.h264');
  ran('ffmpeg', [
    ...['-hide_banner', '-loglevel', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=128x96:rate=${rate}`],
    ...['-frames:v', '12', '-c:v', 'libx264', '-threads', '1', '-g', '6', ...options],
    ...['-x264-params', `repeat-headers=1:${x264}`, path],
  ]);
  return path;
}

/** NAL units of an Annex B file. */
function nalsOf(path: string): Uint8Array[] {
  const hex = readFileSync(path).toString('hex');
  // Start codes at whole bytes; zero bytes in front of one belong to it.
  const marked = (hex.match(/../g) ?? []).join(' ').replaceAll(/(?:00 )*00 00 01 /g, '|');
  return marked
    .split('|')
    .slice(1)
    .map((nal) => Uint8Array.from(Buffer.from(nal.replaceAll(' ', ''), 'hex')));
}
const typeOf = (nal: Uint8Array): number => (nal[0] as number) & 31;

function spsOf(nals: readonly Uint8Array[]) {
  const nal = nals.find((unit) => typeOf(unit) === 7) as Uint8Array;
  const plain = new Uint8Array(400);
  const reader = new BitReader();
  reader.open(plain, 0, copyRbsp(nal, 1, nal.length, plain));
  const out = blankSpsTiming();
  expect(readSpsTiming(reader, out)).toBe(true);
  return { nal, timing: out };
}

/** A field as ffmpeg's trace of the headers shows it the first time. */
function traced(trace: string, field: string): number | undefined {
  const found = new RegExp(` ${field} +[01]+ = (\\d+)`).exec(trace)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Picture timing of a stream without a buffer description: pic_struct 0 and a full clock, 24 bits of offset. */
function pictureTiming(hours: number, minutes: number, seconds: number, frames: number): Uint8Array {
  const fixed = (value: number, width: number): string => value.toString(2).padStart(width, '0');
  const fields = `0000${'1'}00${'1'}00000${'1'}00${fixed(frames, 8)}${fixed(seconds, 6)}${fixed(minutes, 6)}${fixed(hours, 5)}${fixed(0, 24)}1`;
  const bits = fields.padEnd(Math.ceil(fields.length / 8) * 8, '0');
  const payload = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  return bytes(6, escaped(bytes(1, payload.length, payload, 0x80)));
}

describe('the readers of capture times and the installed ffmpeg', () => {
  test.for([
    [
      'a buffer and picture structures',
      '30',
      ['-preset', 'ultrafast', '-b:v', '300k', '-maxrate', '300k', '-bufsize', '300k'],
      'nal-hrd=cbr:pic-struct=1',
    ],
    ['picture structures alone', '25', ['-preset', 'ultrafast'], 'pic-struct=1'],
    [
      'a broadcast rate, colours and an aspect of its own',
      '30000/1001',
      ['-preset', 'veryfast', '-vf', 'setsar=40/33', '-colorspace', 'bt709', '-color_range', 'tv'],
      'nal-hrd=vbr:vbv-maxrate=400:vbv-bufsize=400',
    ],
    ['scaling lists and 4:4:4', '50', ['-preset', 'veryfast', '-pix_fmt', 'yuv444p'], 'cqm=jvt:pic-struct=1'],
    ['interlaced fields', '25', ['-preset', 'veryfast', '-flags', '+ildct+ilme'], 'tff=1'],
  ] as const)('agree on a parameter set with %s', ([, rate, options, x264], context) => {
    needs(context, 'ffmpeg');
    const path = encoded(rate, options, x264);
    const trace = ran('ffmpeg', [
      '-hide_banner',
      '-i',
      path,
      '-c',
      'copy',
      '-bsf:v',
      'trace_headers',
      '-f',
      'null',
      '-',
    ]);
    const { timing } = spsOf(nalsOf(path));
    const buffered = traced(trace, 'cpb_removal_delay_length_minus1');
    expect(timing).toEqual({
      pictureStructure: traced(trace, 'pic_struct_present_flag') === 1,
      removalDelayBits: buffered === undefined ? 0 : buffered + 1,
      outputDelayBits:
        buffered === undefined ? 0 : (traced(trace, 'dpb_output_delay_length_minus1') as number) + 1,
      timeOffsetBits: traced(trace, 'time_offset_length') ?? 24,
      unitsInTick: traced(trace, 'num_units_in_tick'),
      timeScale: traced(trace, 'time_scale'),
    });
  });

  test('agree that the picture timing which x264 writes carries no clock', (context) => {
    needs(context, 'ffmpeg');
    const nals = nalsOf(encoded('30', ['-preset', 'ultrafast'], 'pic-struct=1'));
    const finder = new CaptureFinder();
    let timings = 0;
    for (const nal of nals) {
      finder.begin('avc');
      if (typeOf(nal) === 7) finder.sps(nal, 1, nal.length);
      if (typeOf(nal) !== 6) continue;
      if (nal[1] === 1) timings++;
      finder.sei(nal, 1, nal.length);
      expect(finder.found.source).toBeUndefined();
    }
    expect(timings).toBe(12);
  });

  test('agree on the clock of each picture', (context) => {
    needs(context, 'ffmpeg', 'ffprobe');
    const path = encoded('30', ['-preset', 'ultrafast'], 'pic-struct=1');
    const finder = new CaptureFinder();
    const ours: string[] = [];
    const units: Uint8Array[] = [];
    let picture = 0;
    for (const nal of nalsOf(path)) {
      const type = typeOf(nal);
      // Our clock in place of x264's own timing: from 23:59:59 and frame 24 on, over midnight.
      if (type === 6 && nal[1] === 1) continue;
      if (type === 7) finder.sps(nal, 1, nal.length);
      if (type === 1 || type === 5) {
        const frame = 24 + picture++;
        const day: [number, number, number, number] =
          frame < 30 ? [23, 59, 59, frame] : [0, 0, 0, frame - 30];
        const timing = pictureTiming(...day);
        finder.begin('avc');
        finder.sei(timing, 1, timing.length);
        expect(finder.found.source).toBe('pic_timing');
        ours.push(timecode(finder.found.captureDayMs));
        units.push(timing);
      }
      units.push(nal);
    }
    const timed = join(temporaryFolder('capture'), 'timed.h264');
    writeFileSync(timed, bytes(...units.flatMap((nal) => [[0, 0, 0, 1], nal])));
    const probed = ran('ffprobe', ['-v', 'error', '-show_frames', '-of', 'default', timed]);
    const theirs = [...probed.matchAll(/^TAG:timecode=(\S+)$/gm)].map((match) => match[1]);
    expect(theirs).toEqual(ours);
    expect(ours).toHaveLength(12);
    expect(ours[0]).toBe('23:59:59:24');
    expect(ours[6]).toBe('00:00:00:00');
  });
});

/** Time of day as hours, minutes, seconds and frames of 1/30 s. */
function timecode(dayMs: number): string {
  const frames = Math.round((dayMs * 30) / 1000);
  const parts = [frames / 108_000, (frames / 1800) % 60, (frames / 30) % 60, frames % 30];
  return parts.map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
}
