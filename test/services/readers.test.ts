import { describe, expect, test } from 'vitest';
import { captureBytes, capturePath } from '../support/captures.js';
import { needs } from './available.js';
import { flvPackets, probePackets, tsPackets } from './packets.js';

/** Bytes of the access unit delimiter that SRS leaves alone in the last PES packet of a dropped stream. */
const BARE_DELIMITER_BYTES = 6;

describe('the readers and the installed ffprobe', () => {
  test.for(['plain/viewer.flv', 'bframes/viewer.flv', 'republish/viewer.flv'])(
    'agree on every packet of %s',
    (name, context) => {
      needs(context, 'ffprobe');
      const packets = flvPackets(captureBytes(name));
      expect(packets.length).toBeGreaterThan(300);
      expect(packets).toEqual(probePackets(capturePath(name)));
    },
  );

  test.for(['plain/plain-5.ts', 'plain/plain-7.ts', 'bframes/bframes-16.ts', 'republish/drop-9.ts'])(
    'agree on every packet of %s',
    (name, context) => {
      needs(context, 'ffprobe');
      const packets = tsPackets(captureBytes(name));
      expect(packets.length).toBeGreaterThan(50);
      const probed = probePackets(capturePath(name));
      expect(packets).toEqual(probed.filter((packet) => packet.sizeBytes > BARE_DELIMITER_BYTES));
    },
  );
});
