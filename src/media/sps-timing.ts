import type { BitReader } from './bit-reader.js';

/** What a sequence parameter set says of time: what is needed to read picture timing messages, and the tick. */
export interface SpsTiming {
  /** Picture timing messages carry a picture structure, and may carry a clock. */
  pictureStructure: boolean;
  /** Widths of the fields that stand before it; 0 when the stream describes no buffer. */
  removalDelayBits: number;
  outputDelayBits: number;
  timeOffsetBits: number;
  /** A tick is `unitsInTick / timeScale` seconds, a field as a rule; both 0 when the stream does not say. */
  unitsInTick: number;
  timeScale: number;
}

/** A description for a parser to fill. */
export function blankSpsTiming(): SpsTiming {
  return {
    pictureStructure: false,
    removalDelayBits: 0,
    outputDelayBits: 0,
    timeOffsetBits: DEFAULT_TIME_OFFSET_BITS,
    unitsInTick: 0,
    timeScale: 0,
  };
}

/** E.2.2: when no buffer is described. */
const DEFAULT_TIME_OFFSET_BITS = 24;
const MAX_CPB_COUNT = 32;
const MAX_POC_CYCLE = 255;
const EXTENDED_ASPECT_RATIO = 255;
const CHROMA_444 = 3;
/** Profiles whose parameter sets name their chroma format and scaling lists, 7.3.2.1.1. */
const CHROMA_PROFILES: ReadonlySet<number> = new Set([
  100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
]);

/**
 * Reads an H.264 sequence parameter set (ITU-T H.264 7.3.2.1.1, annex E.1) from behind its NAL unit header. False
 * when it ends too early or holds what no parameter set can; `out` means nothing then. Bounded: every loop has
 * a limit of the format.
 */
export function readSpsTiming(bits: BitReader, out: SpsTiming): boolean {
  clear(out);
  const profile = bits.bits(8);
  bits.bits(16); // constraint flags, level
  bits.unsignedGolomb(); // seq_parameter_set_id
  if (CHROMA_PROFILES.has(profile)) skipChroma(bits);
  bits.unsignedGolomb(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.unsignedGolomb(); // max_num_ref_frames
  bits.flag(); // gaps_in_frame_num_value_allowed_flag
  bits.unsignedGolomb(); // width and height in macroblocks
  bits.unsignedGolomb();
  if (!bits.flag()) bits.flag(); // frame_mbs_only_flag, else mb_adaptive_frame_field_flag
  bits.flag(); // direct_8x8_inference_flag
  if (bits.flag()) for (let side = 0; side < 4; side++) bits.unsignedGolomb(); // cropping
  if (bits.flag()) readUsability(bits, out);
  return !bits.overrun;
}

function clear(out: SpsTiming): void {
  out.pictureStructure = false;
  out.removalDelayBits = 0;
  out.outputDelayBits = 0;
  out.timeOffsetBits = DEFAULT_TIME_OFFSET_BITS;
  out.unitsInTick = 0;
  out.timeScale = 0;
}

function skipChroma(bits: BitReader): void {
  const format = bits.unsignedGolomb();
  if (format === CHROMA_444) bits.flag(); // separate_colour_plane_flag
  bits.unsignedGolomb(); // bit depths
  bits.unsignedGolomb();
  bits.flag(); // qpprime_y_zero_transform_bypass_flag
  if (!bits.flag()) return;
  const lists = format === CHROMA_444 ? 12 : 8;
  for (let i = 0; i < lists; i++) if (bits.flag()) skipScalingList(bits, i < 6 ? 16 : 64);
}

/** 7.3.2.1.1.1: a delta of 0 in the sum ends the list. */
function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let i = 0; i < size; i++) {
    const next = (((last + bits.signedGolomb()) % 256) + 256) % 256;
    if (next === 0) return;
    last = next;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.unsignedGolomb();
  if (type === 0) bits.unsignedGolomb(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.flag(); // delta_pic_order_always_zero_flag
  bits.signedGolomb(); // offsets
  bits.signedGolomb();
  const cycle = Math.min(bits.unsignedGolomb(), MAX_POC_CYCLE);
  for (let i = 0; i < cycle; i++) bits.signedGolomb();
}

/** Video usability information, E.1.1. */
function readUsability(bits: BitReader, out: SpsTiming): void {
  if (bits.flag() && bits.bits(8) === EXTENDED_ASPECT_RATIO) bits.bits(32);
  if (bits.flag()) bits.flag(); // overscan
  if (bits.flag()) {
    bits.bits(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.bits(24); // colour description
  }
  if (bits.flag()) {
    bits.unsignedGolomb(); // chroma sample locations
    bits.unsignedGolomb();
  }
  if (bits.flag()) {
    out.unitsInTick = bits.bits(32);
    out.timeScale = bits.bits(32);
    bits.flag(); // fixed_frame_rate_flag
  }
  // Of two descriptions the widths are the same, E.2.2.
  const nal = bits.flag();
  if (nal) readBuffer(bits, out);
  const vcl = bits.flag();
  if (vcl) readBuffer(bits, out);
  if (nal || vcl) bits.flag(); // low_delay_hrd_flag
  out.pictureStructure = bits.flag();
}

/** Hypothetical reference decoder parameters, E.1.2. */
function readBuffer(bits: BitReader, out: SpsTiming): void {
  const count = Math.min(bits.unsignedGolomb() + 1, MAX_CPB_COUNT);
  bits.bits(8); // scales
  for (let i = 0; i < count; i++) {
    bits.unsignedGolomb(); // rate and size
    bits.unsignedGolomb();
    bits.flag(); // cbr_flag
  }
  bits.bits(5); // initial_cpb_removal_delay_length_minus1
  out.removalDelayBits = bits.bits(5) + 1;
  out.outputDelayBits = bits.bits(5) + 1;
  out.timeOffsetBits = bits.bits(5);
}
