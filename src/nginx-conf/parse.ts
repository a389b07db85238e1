import type { Conf, ConfDirective, ConfProblem } from './directive.js';
import { type ConfToken, ConfTokens } from './tokens.js';

/** nginx's own files have no more than a few blocks in each other. */
const MAX_DEPTH = 64;

/**
 * Reads nginx's syntax, which SRS writes too. Tolerant: what cannot be right is told with its line and read over, so
 * that one slip does not hide the rest. Names are not judged: any word may be a directive.
 * @param file its name, for directives and problems; none when there is one text only
 */
export function parseConf(text: string, file?: string): Conf {
  return new ConfParser(text, file).parse();
}

interface OpenBlock {
  readonly words: readonly string[];
  readonly line: number;
  /** What stands around it, so far. */
  readonly around: ConfDirective[];
}

class ConfParser {
  readonly #tokens: ConfTokens;
  readonly #origin: { readonly file?: string };
  readonly #problems: ConfProblem[] = [];
  readonly #open: OpenBlock[] = [];
  #directives: ConfDirective[] = [];
  #words: ConfToken[] = [];

  constructor(text: string, file: string | undefined) {
    this.#tokens = new ConfTokens(text);
    this.#origin = file === undefined ? {} : { file };
  }

  parse(): Conf {
    for (let token = this.#tokens.next(); token !== undefined; token = this.#tokens.next()) {
      if (token.unclosed === true) this.#tell(token.line, 'a quote that is not closed');
      if (token.kind === 'word') this.#words.push(token);
      else if (token.kind === ';') this.#semicolon(token);
      else if (token.kind === '}') this.#close(token);
      else if (!this.#opened(token)) break;
    }
    this.#unfinished('the end');
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      this.#tell(last.line, `${last.words.join(' ')} {: not closed`);
      this.#pop();
    }
    return { directives: this.#directives, problems: this.#problems };
  }

  #semicolon({ line }: ConfToken): void {
    if (this.#words.length === 0) this.#tell(line, 'a ; without a directive');
    this.#finish();
  }

  /** False when it is too deep to go on. */
  #opened({ line }: ConfToken): boolean {
    const [first] = this.#words;
    if (first === undefined) this.#tell(line, 'a { without a name');
    if (first?.text.endsWith('_by_lua_block') === true) {
      const lua = this.#tokens.raw();
      if (lua.unclosed === true) this.#tell(line, `${first.text} {: not closed`);
      this.#words.push(lua);
      this.#finish();
      return true;
    }
    if (this.#open.length >= MAX_DEPTH) {
      this.#tell(line, `blocks more than ${MAX_DEPTH} deep: what follows is not read`);
      this.#words = [];
      return false;
    }
    const words = this.#words.map(({ text }) => text);
    this.#open.push({ words, line: first?.line ?? line, around: this.#directives });
    this.#directives = [];
    this.#words = [];
    return true;
  }

  #close({ line }: ConfToken): void {
    this.#unfinished('the }');
    if (this.#open.length === 0) this.#tell(line, 'a } without a {');
    else this.#pop();
  }

  #pop(): void {
    const last = this.#open.pop();
    if (last === undefined) return;
    const [name = '', ...args] = last.words;
    last.around.push({ name, args, block: this.#directives, line: last.line, ...this.#origin });
    this.#directives = last.around;
  }

  #unfinished(where: string): void {
    const [first] = this.#words;
    if (first !== undefined) this.#tell(first.line, `${first.text}: no ; before ${where}`);
    this.#finish();
  }

  #finish(): void {
    const [first, ...args] = this.#words;
    this.#words = [];
    if (first === undefined) return;
    const texts = args.map(({ text }) => text);
    this.#directives.push({ name: first.text, args: texts, line: first.line, ...this.#origin });
  }

  #tell(line: number, problem: string): void {
    this.#problems.push({ line, problem, ...this.#origin });
  }
}
