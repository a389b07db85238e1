/**
 * Reads what ffmpeg's filter `metadata=mode=print` writes for each frame that passes it:
 *
 *   frame:12   pts:400000  pts_time:0.4
 *   c=1
 *
 * Only `pts` is used: `pts_time` has six digits and is too coarse after a quarter of an hour.
 * @param onFrame source time of a frame, in units of the filter's time base
 */
export function frameNoteReader(onFrame: (pts: number) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of lines) {
      const pts = /^frame:\d+\s+pts:(-?\d+)\s/.exec(line)?.[1];
      if (pts !== undefined) onFrame(Number(pts));
    }
  };
}

const MAX_LINE_CHARS = 1000;
