/** Byte layouts of FLV (Adobe FLV specification 10.1, annex E) and of the AMF0 that its script tags carry. */

export const FLV_TAG_AUDIO = 8;
export const FLV_TAG_VIDEO = 9;
export const FLV_TAG_SCRIPT = 18;
export const FLV_TAG_HEADER_BYTES = 11;
/** PreviousTagSize after each tag. */
export const FLV_TRAILER_BYTES = 4;

/** File header (audio and video flagged) with PreviousTagSize0: 13 bytes. */
export const FLV_FILE_HEADER: Readonly<Uint8Array> = Uint8Array.of(
  0x46,
  0x4c,
  0x56,
  1,
  5,
  0,
  0,
  0,
  9,
  0,
  0,
  0,
  0,
);

/** Writes the 11 bytes of a tag header. The time is masked to 31 bits, as SRS does. */
export function writeFlvTagHeader(
  into: Uint8Array,
  at: number,
  type: number,
  bodyBytes: number,
  timeMs: number,
): void {
  const time = timeMs & 0x7fffffff;
  into[at] = type;
  into[at + 1] = bodyBytes >> 16;
  into[at + 2] = bodyBytes >> 8;
  into[at + 3] = bodyBytes;
  into[at + 4] = time >> 16;
  into[at + 5] = time >> 8;
  into[at + 6] = time;
  into[at + 7] = time >> 24;
  into[at + 8] = 0;
  into[at + 9] = 0;
  into[at + 10] = 0;
}

/** Writes PreviousTagSize for a tag with a body of `bodyBytes`. */
export function writeFlvTrailer(into: Uint8Array, at: number, bodyBytes: number): void {
  const size = bodyBytes + FLV_TAG_HEADER_BYTES;
  into[at] = size >> 24;
  into[at + 1] = size >> 16;
  into[at + 2] = size >> 8;
  into[at + 3] = size;
}

/** Body of an `onMetaData` script tag: AMF0 string, then an AMF0 object. */
export function onMetaDataBody(values: Readonly<Record<string, number | string | boolean>>): Buffer {
  const parts: Buffer[] = [Buffer.of(2), amfName('onMetaData'), Buffer.of(3)];
  for (const [name, value] of Object.entries(values)) parts.push(amfName(name), amfValue(value));
  parts.push(Buffer.of(0, 0, 9));
  return Buffer.concat(parts);
}

function amfName(name: string): Buffer {
  const text = Buffer.from(name, 'utf8');
  return Buffer.concat([Buffer.of(text.length >> 8, text.length & 0xff), text]);
}

function amfValue(value: number | string | boolean): Buffer {
  if (typeof value === 'boolean') return Buffer.of(1, value ? 1 : 0);
  if (typeof value === 'string') return Buffer.concat([Buffer.of(2), amfName(value)]);
  const number = Buffer.alloc(9);
  number.writeDoubleBE(value, 1);
  return number;
}
