import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClipName } from '../script.js';
import { BARCODE, paintBarcode } from './barcode.js';

/** Pictures whose number is written on them, and a tone: made once with ffmpeg, then kept under a hash of how. */
const WIDTH_PX = 320;
const HEIGHT_PX = 180;
const SECONDS = 90;
export const CLIP_FRAMES_PER_S = 30;

const PICTURES = SECONDS * CLIP_FRAMES_PER_S;
/** Raised when the drawing of the pictures changes. */
const DRAWING = 2;

function recipe(clip: ClipName): readonly string[] {
  const order = clip === 'bframes' ? ['-bf', '2', '-b_strategy', '0'] : ['-bf', '0'];
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${WIDTH_PX}x${HEIGHT_PX}`],
    ...['-r', String(CLIP_FRAMES_PER_S), '-i', 'pipe:0'],
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=44100:duration=${SECONDS}`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-crf', '24', ...order],
    ...['-g', '30', '-keyint_min', '30', '-sc_threshold', '0', '-flags', '+cgop'],
    ...['-c:a', 'aac', '-ac', '2', '-b:a', '96k', '-t', String(SECONDS), '-f', 'flv'],
  ];
}

/**
 * The clip's FLV file, made if it is not there yet (some seconds of CPU).
 *
 * @param cacheFolder where it is kept; made if missing, the system's temporary folder if it cannot be
 * Throws when ffmpeg is missing or fails, with its words.
 */
export async function clipFile(clip: ClipName, cacheFolder: string): Promise<Buffer> {
  const args = recipe(clip);
  const hash = createHash('sha256')
    .update(JSON.stringify([DRAWING, ...args]))
    .digest('hex')
    .slice(0, 16);
  const folder = usableFolder(cacheFolder);
  const file = join(folder, `fidelity-${clip}-${hash}.flv`);
  if (!existsSync(file)) {
    const unfinished = `${file}.${process.pid}.part`;
    try {
      await encode([...args, unfinished]);
      renameSync(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
  return readFileSync(file);
}

function usableFolder(wanted: string): string {
  try {
    mkdirSync(wanted, { recursive: true });
    return wanted;
  } catch {
    return tmpdir();
  }
}

async function encode(args: readonly string[]): Promise<void> {
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (bytes: Buffer) => {
    words = (words + bytes.toString('utf8')).slice(-2000);
  });
  // An ffmpeg that dies early closes its input; its exit tells the story.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`ffmpeg could not be started (Debian: ffmpeg): ${cause.message}`)),
    );
    child.once('close', resolve);
  });
  const picture = new Uint8Array((WIDTH_PX * HEIGHT_PX * 3) / 2);
  const feed = async (): Promise<void> => {
    for (let frame = 0; frame < PICTURES && child.exitCode === null; frame++) {
      drawPicture(picture, frame);
      if (!child.stdin.write(Buffer.from(picture))) await Promise.race([once(child.stdin, 'drain'), ended]);
    }
    child.stdin.end();
  };
  const [code] = await Promise.all([ended, feed()]);
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${words.trim()}`);
}

/** A slow ramp with a bright bar that wanders, so that a person sees it move, and the bar code above. */
function drawPicture(picture: Uint8Array, frame: number): void {
  for (let row = 0; row < HEIGHT_PX; row++) {
    picture.fill(40 + ((row + frame) % HEIGHT_PX), row * WIDTH_PX, (row + 1) * WIDTH_PX);
    if (row < BARCODE.rows * BARCODE.cellPx) continue;
    const at = row * WIDTH_PX + ((frame * 4) % (WIDTH_PX - 24));
    picture.fill(220, at, at + 24);
  }
  picture.fill(128, WIDTH_PX * HEIGHT_PX);
  paintBarcode(picture, WIDTH_PX, frame);
}
