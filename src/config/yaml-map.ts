import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { ConfigIssue } from '../errors.js';

/** A value of a file, with its text as it was written: `007` stays `007`. */
export type FileValue =
  | { readonly kind: 'text' | 'number' | 'switch'; readonly text: string }
  | { readonly kind: 'nothing' | 'nested' }
  /** Cannot be read, and an issue says why. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'list'; readonly items: readonly FileValue[] }
  | { readonly kind: 'mapping'; readonly entries: readonly FileEntry[] };

export interface FileEntry {
  readonly key: string;
  /** From 1. */
  readonly line: number;
  readonly value: FileValue;
}

/** A file with more errors than this is no configuration; the first ones say so. */
const MAX_SYNTAX_ERRORS = 5;

/**
 * The entries of a YAML 1.2 mapping (JSON is one too), in order. Nothing is expanded: anchors, aliases and tags are
 * refused, so a small text stays a small value. What cannot be read is added to `issues` with line and column.
 */
export function readYamlMap(path: string, text: string, issues: ConfigIssue[]): FileEntry[] {
  return readRoot(path, text, issues, MAX_DEPTH) ?? [];
}

/** The same where values may lie in each other: a profile is not as flat as settings are. */
export function readYamlTree(path: string, text: string, issues: ConfigIssue[]): FileEntry[] | undefined {
  return readRoot(path, text, issues, MAX_TREE_DEPTH);
}

/** Undefined = it cannot be read at all, and an issue says why. */
function readRoot(
  path: string,
  text: string,
  issues: ConfigIssue[],
  maxDepth: number,
): FileEntry[] | undefined {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const reader = new Reader(path, lines, at, issues, maxDepth);
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
    const faults = [...document.errors, ...document.warnings];
    for (const { pos, message } of faults.slice(0, MAX_SYNTAX_ERRORS)) {
      issues.push({ path: at(pos[0]), problem: firstLine(message) });
    }
    if (faults.length > 0) return undefined;
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) return [];
    if (isMap(contents)) return reader.entries(contents, 0);
    issues.push({ path, problem: 'not a mapping', wanted: 'one "key: value" a line' });
  } catch (error) {
    // A text of nothing but brackets overflows the parser's stack.
    if (!(error instanceof RangeError)) throw error;
    issues.push({ path, problem: 'nested too deeply', wanted: 'one "key: value" a line' });
  }
  return undefined;
}

/** Deepest thing that a setting is: a mapping (or list) of single values below the file's own mapping. */
const MAX_DEPTH = 1;
/** Deepest thing in a profile: a parameter of the action of a fault in a list. */
const MAX_TREE_DEPTH = 6;

class Reader {
  readonly #path: string;
  readonly #lines: LineCounter;
  readonly #at: (offset: number) => string;
  readonly #issues: ConfigIssue[];
  readonly #maxDepth: number;

  constructor(
    path: string,
    lines: LineCounter,
    at: (offset: number) => string,
    issues: ConfigIssue[],
    maxDepth: number,
  ) {
    this.#maxDepth = maxDepth;
    this.#path = path;
    this.#lines = lines;
    this.#at = at;
    this.#issues = issues;
  }

  entries(map: YAMLMap, depth: number): FileEntry[] {
    return map.items.flatMap((pair: Pair) => {
      const { key } = pair;
      if (!isScalar(key) || key.value === null) {
        this.#refuse(key, 'not the name of a setting');
        return [];
      }
      const { line } = this.#lines.linePos(key.range?.[0] ?? 0);
      return [{ key: key.source ?? String(key.value), line, value: this.#value(pair.value, depth) }];
    });
  }

  #value(node: unknown, depth: number): FileValue {
    if (node === null || node === undefined) return { kind: 'nothing' };
    if (isAlias(node)) return this.#refuse(node, 'aliases are not read here');
    if (isScalar(node)) {
      if (node.anchor !== undefined) return this.#refuse(node, 'anchors are not read here');
      return scalarOf(node.value, node.source);
    }
    if ((isSeq(node) || isMap(node)) && node.anchor !== undefined)
      return this.#refuse(node, 'anchors are not read here');
    if (depth >= this.#maxDepth) return { kind: 'nested' };
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#value(item, depth + 1));
      return items.some(isRefused) ? { kind: 'refused' } : { kind: 'list', items };
    }
    if (isMap(node)) {
      const entries = this.entries(node, depth + 1);
      return entries.some(({ value }) => isRefused(value))
        ? { kind: 'refused' }
        : { kind: 'mapping', entries };
    }
    return { kind: 'nested' };
  }

  #refuse(node: unknown, problem: string): FileValue {
    const range = (node as { range?: readonly number[] | null } | null)?.range;
    this.#issues.push({ path: range?.[0] === undefined ? this.#path : this.#at(range[0]), problem });
    return { kind: 'refused' };
  }
}

function isRefused(value: FileValue): boolean {
  return value.kind === 'refused';
}

function scalarOf(value: unknown, source: string | undefined): FileValue {
  if (value === null) return { kind: 'nothing' };
  if (typeof value === 'boolean') return { kind: 'switch', text: String(value) };
  if (typeof value === 'number' || typeof value === 'bigint')
    return { kind: 'number', text: source ?? String(value) };
  return typeof value === 'string' ? { kind: 'text', text: value } : { kind: 'nested' };
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

/** More than a file of containers repeats itself; beyond it a small text would become a huge value. */
const MAX_ALIASES = 200;

/**
 * A YAML file of somebody else as plain values, its anchors, aliases and merge keys followed, as far as a bounded
 * number of them goes. What cannot be read is one of `issues`; then it is undefined.
 */
export function readYamlLoosely(path: string, text: string, issues: ConfigIssue[]): unknown {
  try {
    const document = parseDocument(text, { prettyErrors: false, merge: true, logLevel: 'silent' });
    const [fault] = document.errors;
    if (fault === undefined) return document.toJS({ maxAliasCount: MAX_ALIASES });
    issues.push({ path, problem: firstLine(fault.message) });
  } catch (error) {
    const problem = error instanceof RangeError ? 'nested too deeply' : firstLine((error as Error).message);
    issues.push({ path, problem });
  }
  return undefined;
}
