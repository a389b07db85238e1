/** One directive of a configuration in nginx's syntax, which SRS writes too: `name args;` or `name args { ... }`. */
export interface ConfDirective {
  readonly name: string;
  /** Without their quotes; of a block of Lua its text, untouched. */
  readonly args: readonly string[];
  /** Absent = it ends in a semicolon; empty = `{}`. */
  readonly block?: readonly ConfDirective[];
  /** Where its name stands, from 1. */
  readonly line: number;
  /** The file, as a dump of `nginx -T` or an include names it; absent = the one that was given. */
  readonly file?: string;
}

/** What was wrong with the text, and read over. */
export interface ConfProblem {
  readonly line: number;
  readonly problem: string;
  readonly file?: string;
}

export interface Conf {
  readonly directives: readonly ConfDirective[];
  /** Empty = nginx would read it too, as far as its grammar goes. */
  readonly problems: readonly ConfProblem[];
}

/** Every directive with the blocks it stands in, from the outermost, in the order of the text. */
export function* walkConf(
  directives: readonly ConfDirective[],
  within: readonly ConfDirective[] = [],
): Generator<{ readonly directive: ConfDirective; readonly within: readonly ConfDirective[] }> {
  for (const directive of directives) {
    yield { directive, within };
    if (directive.block !== undefined) yield* walkConf(directive.block, [...within, directive]);
  }
}

/** Every directive of this name, wherever it stands. */
export function directivesNamed(directives: readonly ConfDirective[], name: string): ConfDirective[] {
  return [...walkConf(directives)]
    .filter(({ directive }) => directive.name === name)
    .map(({ directive }) => directive);
}
