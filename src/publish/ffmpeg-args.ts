import type { PublishSource, PublishVideo } from './options.js';

/** File descriptor on which the encoder's ffmpeg tells of each frame that goes to the encoder. */
export const NOTES_FD = 3;
/** File descriptor on which the sending ffmpeg reports what it has sent. */
export const PROGRESS_FD = 3;

/**
 * A server that takes and says nothing for 30 s has gone, microseconds. Also ends a sender that waits for one when we
 * were killed: it reads its pipe, and sees that we are gone, only between two sendings.
 */
const STUCK_US = '30000000';

const QUIET = ['-hide_banner', '-loglevel', 'warning', '-nostats'];

/**
 * Source and encoder: FLV on stdout, and on `NOTES_FD` a note of each frame just before it is encoded (see
 * frame-notes.ts), its time in microseconds.
 */
export function encoderArgs(source: PublishSource, video: PublishVideo): string[] {
  const { rate, gopFrames, preset, tune, bitsPerS, audioBitsPerS } = video;
  return [
    ...QUIET,
    ...['-nostdin', ...inputArgs(source, video)],
    ...['-map', '0:v:0', '-map', source.kind === 'pattern' ? '1:a:0' : '0:a:0?', '-sn', '-dn'],
    ...['-vf', filters(source, video)],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      preset,
      ...(tune === undefined ? [] : ['-tune', tune]),
      '-pix_fmt',
      'yuv420p',
    ],
    ...['-g', `${gopFrames}`, '-keyint_min', `${gopFrames}`, '-sc_threshold', '0', '-r', `${rate}`],
    // Filler makes the bitrate what was asked for, however simple the picture is, as broadcasters' CBR does.
    ...[
      '-b:v',
      `${bitsPerS}`,
      '-maxrate',
      `${bitsPerS}`,
      '-bufsize',
      `${2 * bitsPerS}`,
      '-x264-params',
      'filler=1',
    ],
    ...['-c:a', 'aac', '-b:a', `${audioBitsPerS}`, '-ar', '44100', '-ac', '2'],
    ...['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', 'pipe:1'],
  ];
}

/** Takes stamped FLV on stdin and sends it, as it is, to an RTMP server. */
export function senderArgs(url: string): string[] {
  return [
    ...QUIET,
    ...['-progress', `pipe:${PROGRESS_FD}`, '-stats_period', '0.5'],
    // Both codecs are told by the first three tags: no need to look further. (nobuffer would throw away what it looked at.)
    ...['-probesize', '65536', '-analyzeduration', '200000', '-f', 'flv', '-i', 'pipe:0'],
    ...['-map', '0', '-dn', '-c', 'copy', '-copyts', '-flush_packets', '1'],
    ...['-rw_timeout', STUCK_US, '-f', 'flv', '-flvflags', 'no_duration_filesize', url],
  ];
}

function inputArgs(source: PublishSource, { widthPx, heightPx, rate }: PublishVideo): string[] {
  switch (source.kind) {
    case 'pattern':
      return [
        ...['-f', 'lavfi', '-i', `testsrc2=size=${widthPx}x${heightPx}:rate=${rate}`],
        ...['-f', 'lavfi', '-i', 'sine=frequency=440:beep_factor=2:sample_rate=44100'],
      ];
    case 'file':
      // A playlist in place of a film must not lead off this machine.
      return ['-protocol_whitelist', 'file,crypto,data', '-stream_loop', '-1', '-i', `file:${source.path}`];
    case 'input':
      return [...source.words];
  }
}

/** What makes the picture comes before the note, what only changes its form after it. */
function filters(source: PublishSource, { widthPx, heightPx, rate }: PublishVideo): string {
  const note = [
    'settb=AVTB',
    'metadata=mode=add:key=c:value=1',
    `metadata=mode=print:file=pipe\\\\:${NOTES_FD}:direct=1`,
  ];
  const size = `${widthPx}:${heightPx}`;
  const fit = [
    `scale=${size}:force_original_aspect_ratio=decrease`,
    `pad=${size}:(ow-iw)/2:(oh-ih)/2`,
    'setsar=1',
    'format=yuv420p',
  ];
  switch (source.kind) {
    case 'pattern':
      return ['format=yuv420p', 'realtime', ...note].join(',');
    case 'file':
      return [`fps=${rate}`, ...fit, 'realtime', ...note].join(',');
    case 'input':
      // Paced by whoever feeds it: its frames are there when they come.
      return [...note, `fps=${rate}`, ...fit].join(',');
  }
}
