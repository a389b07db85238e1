import { headText } from '../nginx-conf/differences.js';
import type { ConfDirective } from '../nginx-conf/directive.js';

const MASK = '***';
/** Names of settings, headers and variables whose value is nobody's business. */
const SECRET = /secret|passw|token|api[-_]?key|authorization|credential|cookie|secure_link/i;
/** A value that says where the secret is, or that there is one, and not what it is. */
const HARMLESS = /^(?:\$\w+|on|off|-?\d+\w?|["']{2}|)$/;
const MAX_CHARS = 300;

/** A table from a secret to something: each of its entries is one. */
const SECRET_TABLE =
  /(?:^|> )(?:map|geo) [^>]*(?:secret|passw|token|api[-_]?key|authorization|credential)[^>]*$/i;

/**
 * A directive as one line, its secrets masked: of whatever is called a secret, the words after the name.
 * @param where the blocks around it
 */
export function maskedText(directive: ConfDirective, redact: (text: string) => string, where = ''): string {
  const { name, args } = directive;
  if (SECRET_TABLE.test(where)) return MASK;
  const at = [name, ...args].findIndex((word) => isSubject(word, name));
  const words = args.map((arg, index) => (at !== -1 && index >= at && !HARMLESS.test(arg) ? MASK : arg));
  const text = redact(headText({ ...directive, args: words }));
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}...` : text;
}

/** A variable holds a secret; only where it is set or compared does the secret stand beside it. */
function isSubject(word: string, name: string): boolean {
  if (!SECRET.test(word) || word.includes('/')) return false;
  return !/^\(?\$/.test(word) || name === 'set' || name === 'if';
}
