/** Bytes that are not what their container or codec promises. `atByte` counts from the start of what was read. */
export class MediaError extends Error {
  readonly code: string;
  readonly atByte: number;
  constructor(code: string, atByte: number, options?: { cause?: unknown }) {
    super(`${code} at byte ${atByte}`, options);
    this.name = 'MediaError';
    this.code = code;
    this.atByte = atByte;
  }
}
