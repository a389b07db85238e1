import type { ConfigIssue } from '../errors.js';
import { type Parity, parseParity } from './parity-schema.js';
import { readSourceFile } from './source-file.js';

/** Reads a parity.json; undefined, with an issue, when it is none. */
export function readParity(path: string, place: string, issues: ConfigIssue[]): Parity | undefined {
  const text = readSourceFile(path, place, issues);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parity = parseParity(value);
  if (parity === undefined)
    issues.push({
      path: place,
      problem: 'not what dorami-load parity writes',
      seen: path,
      wanted: 'parity.json',
    });
  return parity;
}
