/** Where the pictures come from. */
export type PublishSource =
  /** ffmpeg's moving test pattern with a tone. */
  | { readonly kind: 'pattern' }
  /** A film, over and over, at the pace of its own clock. */
  | { readonly kind: 'file'; readonly path: string }
  /** ffmpeg's own words for an input, e.g. `-f v4l2 -i /dev/video0`; it sets the pace. */
  | { readonly kind: 'input'; readonly words: readonly string[] };

export interface PublishVideo {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Frames per second. */
  readonly rate: number;
  readonly gopFrames: number;
  readonly bitsPerS: number;
  readonly audioBitsPerS: number;
  /** Of x264. */
  readonly preset: string;
  readonly tune?: string;
}

/** What `dorami-load publish` was asked to do; values checked, the address allowed. */
export interface PublishOptions {
  readonly source: PublishSource;
  readonly video: PublishVideo;
  /** With the stream key: a secret. */
  readonly url: string;
  /** What of the address must not be printed. */
  readonly secrets: readonly string[];
  /** Port of the control API on 127.0.0.1, 0 = any; absent = none. */
  readonly controlPort?: number;
  /** Where the clock of the stamps is shown; absent = nowhere. */
  readonly clock?: { readonly host: string; readonly port: number };
  /** Ends by itself after this; absent = never. */
  readonly durationMs?: number;
  readonly quiet: boolean;
}
