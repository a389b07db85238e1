const MASK = '***';
/** Names whose values are secrets, or say who somebody is. */
const SECRET_NAME =
  /token|secret|passw|cookie|authorization|credential|csrf|session|^sid$|jwt|stream_?key|^key$|e_?mail|phone|address/i;
const MAX_DEPTH = 4;
const MAX_ITEMS = 3;
const MAX_NAMES = 30;
/** Longer texts are cut before they are masked: of what is then shown, this is far behind. */
const MAX_MASKED_CHARS = 65_536;

/**
 * The beginning of a JSON-like value as a text of about `maxChars`: what is longer, deeper or more is left out with an
 * ellipsis, so that a payload of megabytes costs no more than a small one. Values under names of secrets are masked;
 * `mask` sees every text before it is cut, so that no half of a secret stays.
 */
export function excerpt(value: unknown, maxChars: number, mask: (text: string) => string): string {
  let left = maxChars;
  const take = (text: string): string => {
    left -= text.length;
    return text;
  };
  const textOf = (text: string): string => {
    // A secret that the cut would halve is masked first; nothing that follows is looked at.
    const whole = mask(text.slice(0, MAX_MASKED_CHARS));
    return take(JSON.stringify(whole.length > left ? `${whole.slice(0, Math.max(0, left))}…` : whole));
  };
  const listOf = (items: readonly unknown[], depth: number): string => {
    const shown = items.slice(0, MAX_ITEMS).map((item) => of(item, depth + 1));
    const more = items.length > MAX_ITEMS ? [`… ${items.length - MAX_ITEMS} more`] : [];
    return take(`[${[...shown, ...more].join(',')}]`);
  };
  const recordOf = (record: object, depth: number): string => {
    const parts: string[] = [];
    for (const name in record) {
      if (left <= 0 || parts.length >= MAX_NAMES) {
        parts.push('…');
        break;
      }
      const inner = (record as Readonly<Record<string, unknown>>)[name];
      const shownName = mask(name).slice(0, 60);
      parts.push(
        `${take(JSON.stringify(shownName))}:${SECRET_NAME.test(name) ? `"${MASK}"` : of(inner, depth + 1)}`,
      );
    }
    return `{${parts.join(',')}}`;
  };
  const of = (item: unknown, depth: number): string => {
    if (typeof item === 'string') return textOf(item);
    if (typeof item === 'number' || typeof item === 'boolean' || item === null) return take(String(item));
    if (item === undefined || typeof item !== 'object') return take(typeof item);
    if (item instanceof Uint8Array) return take(`<${item.byteLength} bytes>`);
    if (left <= 0 || depth >= MAX_DEPTH) return '…';
    return Array.isArray(item) ? listOf(item, depth) : recordOf(item, depth);
  };
  return of(value, 0);
}
