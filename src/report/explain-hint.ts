import { cut, printable, widthOf } from './text-width.js';

/** Where a run's folder is, as the user can type it, and how the command was called. */
export interface Place {
  /** E.g. `runs/20261122T090605Z-smoke-a1b2c3`. */
  readonly folder: string;
  /** E.g. `npx dorami-load`. */
  readonly tool: string;
}

/**
 * The command that explains a row, in lines of at most `width` columns that a shell takes as one command: what does
 * not fit goes on behind a `\`. `indent` spaces stand before the first line.
 */
export function explainCommand({ tool, folder }: Place, id: string, indent: number, width: number): string[] {
  const head = `${' '.repeat(indent)}→ ${tool} judge `;
  const path = shellWord(folder);
  const tail = `--explain ${id}`;
  if (widthOf(head) + widthOf(path) + 1 + widthOf(tail) <= width) return [`${head}${path} ${tail}`];
  return [...brokenPath(head, path, width), `${' '.repeat(indent + 4)}${tail}`];
}

/** The same command on one line, however long. */
export function explainCall({ tool, folder }: Place, id: string): string {
  return `${tool} judge ${shellWord(folder)} --explain ${id}`;
}

/** Without indent from the second line on: spaces there would be part of the path. */
function brokenPath(head: string, path: string, width: number): string[] {
  const lines: string[] = [];
  let line = head;
  for (let rest = path; ; ) {
    if (widthOf(line) + widthOf(rest) + 2 <= width) return [...lines, `${line}${rest} \\`];
    let part = cut(rest, width - widthOf(line) - 1);
    // A `\` and the character that it protects stay together.
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(part)) part = part.slice(0, -1);
    lines.push(`${line}${part}\\`);
    rest = rest.slice(part.length);
    line = '';
  }
}

/** A path as one word of a POSIX shell; a control character is any one character. */
function shellWord(path: string): string {
  const word = [...path].map((char) => (printable(char) === char ? char : '?')).join('');
  const plain = word.startsWith('-') ? `./${word}` : word;
  return plain.replace(/[\s!"#$&'()*;<>[\\\]^`{|}~]/g, (char) => `\\${char}`);
}
