/** A word, or one of the three signs of the grammar. */
export interface ConfToken {
  readonly kind: 'word' | ';' | '{' | '}';
  /** Of a word: without quotes and their escapes. */
  readonly text: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** A quote that only the end of the text closes. */
  readonly unclosed?: true;
}

const SPACE = /\s/;
const BYTE_ORDER_MARK = '\uFEFF';

/** Takes a text apart into words and signs; comments and white space fall away. */
export class ConfTokens {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined at the end. */
  next(): ConfToken | undefined {
    this.#skip();
    const sign = this.#text[this.#at];
    if (sign === undefined) return undefined;
    const line = this.#line;
    if (sign === ';' || sign === '{' || sign === '}') {
      this.#at++;
      return { kind: sign, text: sign, line };
    }
    if (sign === '"' || sign === "'") return { kind: 'word', line, ...this.#quoted(sign) };
    return { kind: 'word', line, text: this.#bare() };
  }

  /** After a `{`: all up to its `}` as one word, whatever it says: a block of Lua. */
  raw(): ConfToken {
    const line = this.#line;
    const from = this.#at;
    let open = 1;
    while (this.#at < this.#text.length) {
      const sign = this.#text[this.#at];
      if (sign === '{') open++;
      if (sign === '}') open--;
      if (open === 0) break;
      this.#step();
    }
    const text = this.#text.slice(from, this.#at).trim();
    if (open > 0) return { kind: 'word', text, line, unclosed: true };
    this.#at++;
    return { kind: 'word', text, line };
  }

  #step(): string {
    const sign = this.#text[this.#at] ?? '';
    if (sign === '\n') this.#line++;
    this.#at++;
    return sign;
  }

  #skip(): void {
    for (let sign = this.#text[this.#at]; sign !== undefined; sign = this.#text[this.#at]) {
      if (sign === '#') {
        const end = this.#text.indexOf('\n', this.#at);
        this.#at = end === -1 ? this.#text.length : end;
      } else if (SPACE.test(sign) || sign === BYTE_ORDER_MARK) this.#step();
      else return;
    }
  }

  #quoted(quote: string): { readonly text: string; readonly unclosed?: true } {
    const parts: string[] = [];
    this.#at++;
    while (this.#at < this.#text.length) {
      const sign = this.#step();
      if (sign === quote) return { text: parts.join('') };
      parts.push(sign === '\\' ? unescaped(this.#step()) : sign);
    }
    return { text: parts.join(''), unclosed: true };
  }

  /** Ends at white space or a sign; `${name}` is part of the word, and so is what a backslash guards. */
  #bare(): string {
    const from = this.#at;
    while (this.#at < this.#text.length) {
      const sign = this.#text[this.#at] ?? '';
      const variable = sign === '$' ? /^\$\{\w*\}?/.exec(this.#text.slice(this.#at, this.#at + 256)) : null;
      if (variable !== null) this.#at += variable[0].length;
      else if (SPACE.test(sign) || sign === ';' || sign === '{' || sign === '}') break;
      else if (this.#step() === '\\' && this.#at < this.#text.length) this.#step();
    }
    return this.#text.slice(from, this.#at);
  }
}

const SPACES: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' };

/** In quotes a backslash guards quotes and itself and makes three kinds of space; before all else it stands for itself. */
function unescaped(sign: string): string {
  if (sign === '"' || sign === "'" || sign === '\\') return sign;
  return SPACES[sign] ?? `\\${sign}`;
}
