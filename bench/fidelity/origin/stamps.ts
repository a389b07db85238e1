import {
  CAPTURE_STAMP_BYTES,
  CAPTURE_STAMP_UUID,
  readCaptureStamp,
  writeCaptureStamp,
} from '../../../src/media/capture-stamp.js';

const UUID = Buffer.from(CAPTURE_STAMP_UUID);

/**
 * Rewrites in place the capture time of every stamp in `bytes`: the picture's number says when it was taken.
 *
 * @param captureMs number on the picture -> ms since zero
 * @param zeroEpochMs zero on the wall clock, ms since the Unix epoch
 */
export function restamp(bytes: Buffer, captureMs: ReadonlyMap<number, number>, zeroEpochMs: number): void {
  const stamp = { captureEpochUs: 0, frameNumber: 0 };
  for (let at = bytes.indexOf(UUID); at >= 0; at = bytes.indexOf(UUID, at + CAPTURE_STAMP_BYTES)) {
    if (!readCaptureStamp(bytes, at, stamp)) continue;
    const takenMs = captureMs.get(stamp.frameNumber);
    if (takenMs === undefined) continue;
    stamp.captureEpochUs = Math.round((zeroEpochMs + takenMs) * 1000);
    writeCaptureStamp(bytes, at, stamp);
  }
}
