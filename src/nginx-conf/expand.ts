import type { Conf, ConfDirective, ConfProblem } from './directive.js';
import { parseConf } from './parse.js';

/** One file that an include stands for. */
export interface ConfFile {
  readonly path: string;
  readonly text: string;
}

/** The files of an include, in the order of their names; undefined = they cannot be read here. */
export type ReadInclude = (pattern: string) => readonly ConfFile[] | undefined;

/** A configuration with its includes in place. */
export interface ExpandedConf extends Conf {
  /** Files that came in by an include. */
  readonly included: readonly string[];
  /** Includes that could not be read: what they say is not known. */
  readonly unread: readonly ConfDirective[];
}

/** Deeper than anybody includes; an include of itself ends here. */
const MAX_INCLUDES = 500;
/** Lists of constants that come with nginx: they say nothing about the platform. */
const CONSTANT = /(?:^|\/)(?:mime\.types|(?:fastcgi|uwsgi|scgi)_params|fastcgi\.conf)$/;

/** Reads a configuration and puts the files that it includes where they are included. */
export function expandConf(text: string, read: ReadInclude, file?: string): ExpandedConf {
  const problems: ConfProblem[] = [];
  const included: string[] = [];
  const unread: ConfDirective[] = [];
  const parsed = (of: ConfFile | { readonly path: undefined; readonly text: string }): Conf => {
    const conf = parseConf(of.text, of.path);
    problems.push(...conf.problems);
    return conf;
  };
  const inPlace = (directives: readonly ConfDirective[], open: readonly string[]): ConfDirective[] =>
    directives.flatMap((directive) => {
      const { name, args, block } = directive;
      if (block !== undefined) return [{ ...directive, block: inPlace(block, open) }];
      const [pattern] = args;
      if (name !== 'include' || pattern === undefined || CONSTANT.test(pattern)) return [directive];
      const files = included.length < MAX_INCLUDES ? read(pattern) : undefined;
      if (files === undefined) {
        unread.push(directive);
        return [directive];
      }
      return files.flatMap((each) => {
        if (open.includes(each.path)) {
          problems.push({ ...placeOf(directive), problem: `${each.path} includes itself` });
          return [];
        }
        included.push(each.path);
        return inPlace(parsed(each).directives, [...open, each.path]);
      });
    });
  const main = parsed(file === undefined ? { path: undefined, text } : { path: file, text });
  const directives = inPlace(main.directives, file === undefined ? [] : [file]);
  return { directives, problems, included, unread };
}

/** Whether a path is one that an include means: `*` and `?` stand for what is no slash. */
export function matchesInclude(pattern: string, path: string): boolean {
  const parts = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${parts.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}$`).test(path);
}

function placeOf({ line, file }: ConfDirective): { readonly line: number; readonly file?: string } {
  return file === undefined ? { line } : { line, file };
}
