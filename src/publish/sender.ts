import type { Writable } from 'node:stream';
import { senderArgs } from './ffmpeg-args.js';
import type { FfmpegEnd, FfmpegProcess, StartFfmpeg } from './ffmpeg-process.js';

/** One RTMP connection: an ffmpeg that sends what it is given, unchanged. */
export interface Sender {
  readonly pid: number | undefined;
  readonly input: Writable;
  /** True once the server has taken a picture. */
  readonly onAir: () => boolean;
  /** Resolves when the connection is gone, with why. */
  readonly ended: Promise<SenderEnd>;
  /** Lets the rest go out and says goodbye to the server; forced after a moment. */
  close(): Promise<void>;
  /** The publisher vanishes without a word. */
  crash(): void;
}

export interface SenderEnd extends FfmpegEnd {
  /** The server took nothing within the time that it had. */
  readonly timedOut: boolean;
}

export interface SenderSpec {
  readonly url: string;
  readonly start: StartFfmpeg;
  readonly onLine: (line: string) => void;
  /** The server has taken the first picture. */
  readonly onAir: () => void;
}

/** A server that has not taken a picture after this long does not answer. */
export const ANSWER_TIMEOUT_MS = 15_000;
const GOODBYE_MS = 3000;

/** Connects; media goes into `input`. */
export function startSender(spec: SenderSpec): Sender {
  const child = spec.start({ args: senderArgs(spec.url), streams: 'in', onLine: spec.onLine });
  let onAir = false;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, ANSWER_TIMEOUT_MS);
  onFirstPicture(child, () => {
    onAir = true;
    clearTimeout(timer);
    spec.onAir();
  });
  const ended = child.ended.then((end) => {
    clearTimeout(timer);
    return { ...end, timedOut };
  });
  return {
    pid: child.pid,
    input: child.stdin as Writable,
    onAir: () => onAir,
    ended,
    async close() {
      child.stdin?.end();
      const force = setTimeout(() => child.kill('SIGKILL'), GOODBYE_MS);
      await ended;
      clearTimeout(force);
    },
    crash: () => child.kill('SIGKILL'),
  };
}

/** ffmpeg's progress is `name=value` lines; `frame` counts the pictures that were handed to the connection. */
function onFirstPicture(child: FfmpegProcess, call: () => void): void {
  let told = false;
  child.side.setEncoding('utf8').on('data', (text: string) => {
    if (told || !/^frame=[1-9]/m.test(text)) return;
    told = true;
    call();
  });
}
