/** Byte layouts of AAC: AudioSpecificConfig (ISO 14496-3 1.6.2.1) and the ADTS header (ISO 13818-7 6.2). */

import { MediaError } from './media-error.js';

/** Samples per channel in one AAC-LC frame. */
export const AAC_FRAME_SAMPLES = 1024;
/** Header without CRC. */
export const ADTS_HEADER_BYTES = 7;

const SAMPLE_RATES_HZ = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
];

export interface AacConfig {
  /** 2 = LC. */
  readonly objectType: number;
  readonly sampleRateIndex: number;
  readonly sampleRateHz: number;
  readonly channelCount: number;
}

/** Reads the first two bytes of an AudioSpecificConfig. Throws MediaError when they name no known rate. */
export function parseAacConfig(config: Uint8Array): AacConfig {
  const first = config[0];
  const second = config[1];
  if (first === undefined || second === undefined) throw new MediaError('aac_config', config.length);
  const sampleRateIndex = ((first & 7) << 1) | (second >> 7);
  const sampleRateHz = SAMPLE_RATES_HZ[sampleRateIndex];
  if (sampleRateHz === undefined) throw new MediaError('aac_config', 0);
  return { objectType: first >> 3, sampleRateIndex, sampleRateHz, channelCount: (second >> 3) & 0xf };
}

/**
 * Writes the 7 bytes of an ADTS header at `at` for a raw frame of `frameBytes`. MPEG-2 identifier and no CRC
 * (`FF F9`), as SRS writes it.
 */
export function writeAdtsHeader(into: Uint8Array, at: number, config: AacConfig, frameBytes: number): void {
  const size = frameBytes + ADTS_HEADER_BYTES;
  into[at] = 0xff;
  into[at + 1] = 0xf9;
  into[at + 2] = ((config.objectType - 1) << 6) | (config.sampleRateIndex << 2) | (config.channelCount >> 2);
  into[at + 3] = ((config.channelCount & 3) << 6) | (size >> 11);
  into[at + 4] = (size >> 3) & 0xff;
  into[at + 5] = ((size & 7) << 5) | 0x1f;
  into[at + 6] = 0xfc;
}
