import type { ConfigIssue } from '../errors.js';
import { unknownName } from './did-you-mean.js';
import { variableOf } from './env-layer.js';
import type { FlagSpec } from './flag-spec.js';
import type { Layer, Origin, RawValue, Rows } from './layer.js';
import { type FileEntry, type FileValue, readYamlMap } from './yaml-map.js';

/** Keys that any file may have beside the settings: where its JSON Schema is. */
const SCHEMA_KEY = '$schema';

/**
 * The layer of a configuration file. What cannot be read or means nothing is added to `issues`; the rest is still
 * read, so that all problems come out at once.
 * @param path as a message names the file
 */
export function fileLayer(path: string, text: string, rows: Rows, issues: ConfigIssue[]): Layer {
  const values: Record<string, RawValue> = {};
  const origins: Record<string, Origin> = {};
  const entries =
    path.endsWith('.json') && !isJson(path, text, issues) ? [] : readYamlMap(path, text, issues);
  for (const entry of entries) {
    const { key, line } = entry;
    if (key === SCHEMA_KEY) continue;
    const place = `${path}:${line}: ${key}`;
    const value = readEntry(place, entry, rows, issues);
    if (value === undefined) continue;
    values[key] = value;
    origins[key] = { kind: 'file', path, line };
  }
  return { values, origins };
}

function readEntry(place: string, entry: FileEntry, rows: Rows, issues: ConfigIssue[]): RawValue | undefined {
  const { key, value } = entry;
  const spec = Object.hasOwn(rows, key) ? rows[key] : undefined;
  if (spec === undefined) {
    const known = Object.keys(rows).filter((name) => !isFileless(rows[name]));
    issues.push({ path: place, ...unknownName('key', key, known, 'one that dorami-load init writes') });
    return undefined;
  }
  if (isFileless(spec)) {
    const wanted = spec.notIn?.includes('env') ? `the flag --${key}` : `${variableOf(key)} or --${key}`;
    const problem = spec.secret ? 'is a secret and does not belong in a file' : 'cannot be set in a file';
    issues.push({ path: place, problem, wanted });
    // Read all the same: nobody should be told as well that it is missing.
    return spec.secret && 'text' in value ? value.text : undefined;
  }
  const raw = rawValue(value, spec);
  if (value.kind === 'refused') return undefined;
  if (raw !== undefined) return raw;
  issues.push({ path: place, problem: 'cannot be used', seen: shown(value), wanted: wantedOf(spec) });
  return undefined;
}

/** True for what is set for one call, and for secrets. */
export function isFileless(spec: FlagSpec | undefined): boolean {
  return spec?.secret === true || spec?.notIn?.includes('file') === true;
}

function rawValue(value: FileValue, spec: FlagSpec): RawValue | undefined {
  if (spec.kind === 'switch') return value.kind === 'switch' ? value.text === 'true' : undefined;
  if (value.kind === 'mapping' && spec.pairs) {
    const pairs = value.entries.map(({ key, value: inner }) =>
      isSingle(inner) ? `${key}=${inner.text}` : undefined,
    );
    if (!isComplete(pairs)) return undefined;
    return spec.kind === 'list' ? pairs : pairs.join(',');
  }
  if (spec.kind === 'text') return isSingle(value) ? value.text : undefined;
  if (value.kind !== 'list') return undefined;
  const items = value.items.map((item) => (isSingle(item) ? item.text : undefined));
  return isComplete(items) ? items : undefined;
}

function isSingle(value: FileValue): value is Extract<FileValue, { text: string }> {
  return value.kind === 'text' || value.kind === 'number';
}

function isComplete(texts: readonly (string | undefined)[]): texts is readonly string[] {
  return !texts.includes(undefined);
}

function shown(value: FileValue): string {
  if (value.kind === 'list') return 'a list';
  if (value.kind === 'mapping') return 'a mapping';
  if (value.kind === 'nested') return 'something nested';
  return 'text' in value ? value.text : '';
}

function wantedOf(spec: FlagSpec): string {
  const mapping = spec.pairs ? ', or a mapping' : '';
  if (spec.kind === 'switch') return 'true or false';
  return spec.kind === 'list' ? `a list of single values${mapping}` : `a text or a number${mapping}`;
}

/** YAML forgives what JSON does not (comments, a last comma): a .json file should be read by others too. */
export function isJson(path: string, text: string, issues: ConfigIssue[]): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    issues.push({ path: `${path}${placeInText(text, words)}`, problem: 'not JSON' });
    return false;
  }
}

/** Where JSON.parse stopped, as far as it says: `:line:column`. */
function placeInText(text: string, words: string): string {
  const offset =
    /at position (\d+)/.exec(words)?.[1] ?? (/end of JSON/.test(words) ? text.length : undefined);
  if (offset === undefined) return '';
  const before = text.slice(0, Number(offset)).split('\n');
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
