/**
 * Copies `bytes[from, to)` of a NAL unit into `into` without its emulation prevention bytes (00 00 **03**, ISO
 * 14496-10 7.4.1) and returns how many bytes that made; what `into` does not hold is left out.
 */
export function copyRbsp(bytes: Uint8Array, from: number, to: number, into: Uint8Array): number {
  const end = Math.min(to, bytes.length);
  let have = 0;
  let zeros = 0;
  for (let at = from; at < end && have < into.length; at++) {
    const byte = bytes[at] as number;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    into[have++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return have;
}
