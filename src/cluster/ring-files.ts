import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Where a record stands on disk. */
export interface RingPlace {
  readonly segment: RingSegment;
  readonly offset: number;
  readonly length: number;
}

export interface RingSegment {
  readonly path: string;
  readonly file: SegmentFile;
  bytes: number;
  /** Records of it that may still be needed. */
  needed: number;
}

/** The part of a file that is used. */
export interface SegmentFile {
  append(bytes: Uint8Array): Promise<void>;
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The part of a disk that is used; replaced in tests of a full one. */
export interface RingDisk {
  create(path: string): Promise<SegmentFile>;
  remove(path: string): Promise<void>;
}

const HEADER_BYTES = 8;
const SEGMENT = /^\d{12}\.seg$/;
/** A record longer than this is none: the rest of its file is not read. */
const MAX_RECORD_BYTES = 1_000_000;

/**
 * Records in files of a fixed size, one after the other; a file goes when nothing in it is needed any more.
 *
 * Each record stands there with its length and checksum, so that whoever reads after a death stops at a torn one.
 * Nothing is synced to the device: what was written outlives the process by the system's cache, not the machine. A
 * machine that loses its power has lost its box anyway; and what the broker has acknowledged is safe there.
 */
export class RingFiles {
  readonly #folder: string;
  readonly #disk: RingDisk;
  readonly #segmentBytes: number;
  readonly #maxBytes: number;
  #current: RingSegment | undefined;
  readonly #full = new Set<RingSegment>();
  #bytes = 0;

  constructor(
    folder: string,
    { segmentBytes, maxBytes }: { readonly segmentBytes: number; readonly maxBytes: number },
    disk: RingDisk = realDisk,
  ) {
    this.#folder = folder;
    this.#disk = disk;
    this.#segmentBytes = segmentBytes;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Writes one record; undefined = the ring is full. One call at a time.
   * @throws what the disk said; the record is then not to be counted on
   */
  async append(seq: number, payload: Uint8Array): Promise<RingPlace | undefined> {
    const length = HEADER_BYTES + payload.byteLength;
    if (this.#bytes + length > this.#maxBytes) return undefined;
    if (this.#current !== undefined && this.#current.bytes >= this.#segmentBytes) await this.#turn();
    if (this.#current === undefined) {
      const path = join(this.#folder, `${String(seq).padStart(12, '0')}.seg`);
      this.#current = { path, file: await this.#disk.create(path), bytes: 0, needed: 0 };
    }
    const segment = this.#current;
    const record = Buffer.alloc(length);
    record.writeUInt32LE(payload.byteLength, 0);
    record.writeUInt32LE(crc32(payload), 4);
    record.set(payload, HEADER_BYTES);
    try {
      await segment.file.append(record);
    } catch (error) {
      // Half a record may stand at its end: nothing may follow it.
      await this.#turn();
      throw error;
    }
    const place = { segment, offset: segment.bytes + HEADER_BYTES, length: payload.byteLength };
    segment.bytes += length;
    segment.needed += 1;
    this.#bytes += length;
    return place;
  }

  read({ segment, offset, length }: RingPlace): Promise<Uint8Array> {
    return segment.file.read(offset, length);
  }

  /** A record is needed no more. */
  async release({ segment }: RingPlace): Promise<void> {
    segment.needed -= 1;
    if (segment.needed === 0 && segment !== this.#current) await this.#forget(segment);
  }

  /** Closes all files; `remove`: they are needed no more. */
  async close(remove: boolean): Promise<void> {
    const all = [...this.#full, ...(this.#current ? [this.#current] : [])];
    for (const { file } of all) await file.close().catch(() => {});
    if (remove) await rm(this.#folder, { recursive: true, force: true }).catch(() => {});
  }

  /** The next record begins a new file. The last one stays, even if nothing of it is needed: it tells how far we were. */
  async #turn(): Promise<void> {
    const segment = this.#current;
    this.#current = undefined;
    if (segment === undefined) return;
    if (segment.needed === 0) await this.#forget(segment);
    else this.#full.add(segment);
  }

  async #forget(segment: RingSegment): Promise<void> {
    this.#full.delete(segment);
    this.#bytes -= segment.bytes;
    await segment.file.close().catch(() => {});
    await this.#disk.remove(segment.path).catch(() => {});
  }
}

/** Makes the folder of a ring. @throws what the disk said */
export async function makeRingFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** All whole records of a folder that an earlier process left, oldest first. What cannot be read is not there. */
export async function* readLeftRing(folder: string): AsyncGenerator<Uint8Array> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => SEGMENT.test(one)).sort()) {
    const bytes = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
    for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
      const length = bytes.readUInt32LE(at);
      const payload = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length);
      if (length > MAX_RECORD_BYTES || payload.length < length) break;
      if (crc32(payload) !== bytes.readUInt32LE(at + 4)) break;
      yield payload;
      at += HEADER_BYTES + length;
    }
  }
}

const realDisk: RingDisk = {
  async create(path) {
    const file = await open(path, 'wx+', 0o600);
    return {
      async append(bytes) {
        await file.appendFile(bytes);
      },
      async read(offset, length) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
        if (bytesRead < length) throw new Error('a record that was cut short');
        return buffer;
      },
      close: () => file.close(),
    };
  },
  remove: (path) => rm(path, { force: true }),
};
