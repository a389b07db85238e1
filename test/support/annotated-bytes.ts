import { readFileSync } from 'node:fs';

const ROOT = new URL('../fixtures/capture/', import.meta.url);

/** Bytes of an annotated file in test/fixtures/capture: hex pairs, bits behind a `b`, remarks behind a `#`. */
export function annotatedBytes(name: string): Uint8Array {
  const bits = captureFixtureText(name)
    .split('\n')
    .flatMap((line) => (line.split('#')[0] as string).split(/\s+/).filter((token) => token !== ''))
    .map((token) => {
      if (/^b[01]+$/.test(token)) return token.slice(1);
      if (/^[0-9a-f]{2}$/.test(token)) return Number.parseInt(token, 16).toString(2).padStart(8, '0');
      throw new Error(`${name}: ${token} is neither a byte nor bits`);
    })
    .join('');
  if (bits.length % 8 !== 0) throw new Error(`${name}: ${bits.length} bits are no whole bytes`);
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** Text of a file in test/fixtures/capture. */
export function captureFixtureText(name: string): string {
  return readFileSync(new URL(name, ROOT), 'utf8');
}

/** Emulation prevention, ISO 14496-10 7.4.1. */
export function escaped(rbsp: Uint8Array): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of rbsp) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(out);
}
