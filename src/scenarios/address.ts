const IPV4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** 4, 6, or 0 for what is no IP address (RFC 791, RFC 4291 2.2; no zones), without the platform's own function. */
export function isAddress(text: string): 0 | 4 | 6 {
  if (IPV4.test(text)) return 4;
  return isIpv6(text) ? 6 : 0;
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const words = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = words.at(-1);
  const mapped = last !== undefined && IPV4.test(last);
  const hex = mapped ? words.slice(0, -1) : words;
  if (!hex.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return false;
  const count = hex.length + (mapped ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}
