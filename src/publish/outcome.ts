import { EXIT } from '../report/exit-codes.js';
import type { BroadcastEnd } from './broadcast.js';
import type { FfmpegEnd } from './ffmpeg-process.js';
import type { PublishOptions } from './options.js';
import { ANSWER_TIMEOUT_MS } from './sender.js';

/** Exit code and words for a broadcast that ended by itself. */
export function outcomeOfEnd(
  ended: BroadcastEnd,
  { source, url }: Pick<PublishOptions, 'source' | 'url'>,
  redact: (text: string) => string,
): { exitCode: number; reason?: string } {
  if (ended.kind === 'media') {
    return {
      exitCode: EXIT.offAir,
      reason: `the encoder sent something else than H.264 in FLV: ${ended.problem}`,
    };
  }
  if (ended.end.missing) {
    const reason =
      'ffmpeg is not installed, or not on the PATH (apt-get install ffmpeg): nothing was published';
    return { exitCode: EXIT.preflight, reason };
  }
  if (ended.kind === 'encoder') {
    const cause = redact(causeOf(ended.end));
    if (ended.end.how === 'code 0') return { exitCode: EXIT.pass, reason: 'the source has ended' };
    if (ended.frames > 0) return { exitCode: EXIT.offAir, reason: `the encoder ended by itself (${cause})` };
    const what = source.kind === 'pattern' ? 'the encoder' : 'the encoder or its source';
    return { exitCode: EXIT.preflight, reason: `${what} did not start (${cause}): nothing was published` };
  }
  const server = redact(url);
  if (ended.end.timedOut) {
    const seconds = ANSWER_TIMEOUT_MS / 1000;
    const reason = `${server} took no picture within ${seconds} s`;
    return ended.wasOnAir ? { exitCode: EXIT.offAir, reason } : { exitCode: EXIT.preflight, reason };
  }
  const cause = redact(causeOf(ended.end));
  if (ended.wasOnAir)
    return { exitCode: EXIT.offAir, reason: `the connection to ${server} was lost (${cause})` };
  return {
    exitCode: EXIT.preflight,
    reason: `${server} refused the broadcast or does not answer (${cause})`,
  };
}

/** Exit code and words for a broadcast that was told to end, by a signal or because its time was over. */
export function outcomeOfStop(
  why: 'signal' | 'time',
  { url }: Pick<PublishOptions, 'url'>,
  wasOnAir: boolean,
  redact: (text: string) => string,
): { exitCode: number; reason?: string } {
  if (wasOnAir || why === 'signal') return { exitCode: EXIT.pass };
  return {
    exitCode: EXIT.preflight,
    reason: `time was over before ${redact(url)} took a picture: nothing was published`,
  };
}

function causeOf({ how, lastWords }: FfmpegEnd): string {
  return lastWords === '' ? `ffmpeg: ${how}` : `ffmpeg: ${how}, ${lastWords}`;
}
