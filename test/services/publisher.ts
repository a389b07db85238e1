import { programPath } from './available.js';
import { type Service, startService, temporaryFolder } from './child.js';

/** Starts ffmpeg as a broadcaster: a moving test picture (480x270, 30/s, a keyframe each second) and a tone. */
export function startPublisher(rtmpUrl: string): Service {
  const program = programPath('ffmpeg');
  if (program === undefined) throw new Error('ffmpeg is not installed');
  return startService({
    command: program,
    folder: temporaryFolder('publisher'),
    args: [
      ...['-hide_banner', '-loglevel', 'warning', '-nostdin'],
      ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=480x270:rate=30'],
      ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
      ...['-g', '30', '-keyint_min', '30', '-sc_threshold', '0', '-b:v', '500k', '-threads', '1'],
      ...['-c:a', 'aac', '-b:a', '64k', '-f', 'flv', rtmpUrl],
    ],
  });
}
