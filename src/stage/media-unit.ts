/** One access unit as the publisher sends it: the shared currency of FLV fan-out and HLS segmenter. */
export interface MediaUnit {
  readonly kind: 'video' | 'audio';
  /** Publisher's time, ms; grows without end. */
  readonly dtsMs: number;
  readonly ptsMs: number;
  readonly keyframe: boolean;
  /** Tag body as FLV carries it, in two parts: what is new in each unit, and what the clip's loops share. */
  readonly flvHead: Uint8Array;
  readonly flvRest: Uint8Array;
  /** The same as an elementary stream for TS (annex B with AUD and parameter sets; ADTS), also in two parts. */
  readonly esHead: Uint8Array;
  readonly esRest: Uint8Array;
  /** When it was due at the encoder, ms since the Unix epoch with fractions; what the stamp says. */
  readonly captureEpochMs: number;
}

/** What a stream begins with, for whoever joins. */
export interface StreamHeaders {
  /** Tag bodies. */
  readonly metadata: Uint8Array;
  readonly audioConfig: Uint8Array;
  readonly videoConfig: Uint8Array;
}
