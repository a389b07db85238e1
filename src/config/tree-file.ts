import type { ConfigIssue } from '../errors.js';
import { readNamedFile } from './config-file.js';
import { isJson } from './file-layer.js';
import { type FileEntry, type FileValue, readYamlTree } from './yaml-map.js';

/** A file whose values lie in each other, as plain values. */
export interface TreeFile {
  readonly value: Readonly<Record<string, unknown>>;
  /** `mine.yaml:7: stages[2].for`: the line of the key at `path`, or of the nearest thing around it that has one. */
  place(path: string): string;
}

/**
 * A file that a setting names, YAML or JSON. What cannot be read is added to `issues`, each problem with file and
 * line; then it is undefined.
 * @param place how a message calls the one who named it
 */
export function readTreeFile(path: string, place: string, issues: ConfigIssue[]): TreeFile | undefined {
  const text = readNamedFile(path, place, issues);
  return text === undefined ? undefined : treeOfText(path, text, issues);
}

/** The same of a text, called `path` in messages. */
export function treeOfText(path: string, text: string, issues: ConfigIssue[]): TreeFile | undefined {
  if (/\.json$/i.test(path) && !isJson(path, text, issues)) return undefined;
  const before = issues.length;
  const entries = readYamlTree(path, text, issues);
  if (entries === undefined || issues.length > before) return undefined;
  const lines = new Map<string, number>();
  const found: ConfigIssue[] = [];
  const value = recordOf(entries, '', { lines, issues: found });
  const place = (at: string): string => placed(path, at, lines);
  issues.push(...found.map((issue) => ({ ...issue, path: place(issue.path) })));
  return { value, place };
}

interface Reading {
  /** Where each key stands. */
  readonly lines: Map<string, number>;
  readonly issues: ConfigIssue[];
}

/** Plain values of a file. */
function recordOf(entries: readonly FileEntry[], at: string, reading: Reading): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const { key, line, value } of entries) {
    const path = at === '' ? key : `${at}.${key}`;
    reading.lines.set(path, line);
    Object.defineProperty(record, key, { value: plain(value, path, reading), enumerable: true });
  }
  return record;
}

function plain(value: FileValue, at: string, reading: Reading): unknown {
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'number':
      return Number(value.text);
    case 'switch':
      return value.text === 'true';
    case 'list':
      return value.items.map((item, index) => plain(item, `${at}[${index}]`, reading));
    case 'mapping':
      return recordOf(value.entries, at, reading);
    case 'nested':
      reading.issues.push({ path: at, problem: 'nested too deeply' });
      return null;
    default:
      return null;
  }
}

/** `mine.yaml:7: stages[2].for`: the line of the key, or of the nearest thing around it that has one. */
function placed(file: string, path: string, lines: ReadonlyMap<string, number>): string {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[]*|\[\d+\])$|^[^.[]*$/, '')) {
    const line = lines.get(at) ?? lineBelow(at, lines);
    if (line !== undefined) return `${file}:${line}: ${path}`;
  }
  return `${file}: ${path}`;
}

/** An entry of a list has no key of its own: the first of its keys has its line. */
function lineBelow(at: string, lines: ReadonlyMap<string, number>): number | undefined {
  for (const [path, line] of lines) if (path.startsWith(`${at}.`)) return line;
  return undefined;
}
