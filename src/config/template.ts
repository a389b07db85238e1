import { variableOf } from './env-layer.js';
import { isFileless } from './file-layer.js';
import type { FlagSpec } from './flag-spec.js';
import { RUN_ROWS } from './flags.js';

/** What stands in the written file and is no comment: enough to see how it is done, and what most runs set. */
const SET: Readonly<Record<string, string>> = { profile: 'smoke', vus: '50' };
const COLUMNS = 80;

/**
 * The text of a configuration file with every setting: what it does, its default, and a line to uncomment.
 * @param schema where an editor finds the JSON Schema, path or URL
 */
export function configTemplate(schema: string): string {
  const groups = new Map<string, string[]>();
  const secrets: string[] = [];
  for (const [key, spec] of Object.entries(RUN_ROWS)) {
    if (spec.secret) secrets.push(`${variableOf(key)}: ${spec.help}`);
    if (isFileless(spec)) continue;
    groups.set(spec.group, [...(groups.get(spec.group) ?? []), block(key, spec)]);
  }
  return [
    `# yaml-language-server: $schema=${schema}`,
    comment(
      'Settings of `dorami-load run`. Each is also a flag (--vus) and a variable of the environment (DORAMI_LOAD_VUS): ' +
        'default < profile < this file < environment < flag. `dorami-load --print-config` shows what holds and who ' +
        'said it. Paths count from the folder that the command runs in.',
    ),
    comment('Secrets do not belong in a file. From the environment:'),
    ...secrets.map((line) => comment(line, '#   ')),
    ...[...groups].map(
      ([group, blocks]) => `\n# === ${group.replace(/:$/, '')} ===\n\n${blocks.join('\n\n')}`,
    ),
    '',
  ].join('\n');
}

function block(key: string, spec: FlagSpec): string {
  const values = spec.values === undefined ? '' : `: ${spec.values.join(', ')}`;
  const words = `${spec.help}${values}${spec.default === undefined ? '' : ` (default: ${spec.default})`}`;
  const set = SET[key];
  return `${comment(words)}\n${set === undefined ? `#${key}: ${exampleOf(spec)}` : `${key}: ${set}`}`;
}

/** A value that can be read as it stands when the line is uncommented. */
function exampleOf(spec: FlagSpec): string {
  if (spec.kind === 'switch') return 'true';
  const example = spec.example ?? spec.default ?? spec.values?.[0] ?? '';
  if (spec.pairs) return mappingOf(example.split(','));
  return spec.kind === 'text' ? quoted(example) : `[${quoted(example)}]`;
}

/** NAME=VALUE pairs as a mapping on one line. */
function mappingOf(pairs: readonly string[]): string {
  const entries = pairs.map((pair) => {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    return `${quoted(name)}: ${quoted(value)}`;
  });
  return `{ ${entries.join(', ')} }`;
}

/** YAML that reads back as this text; words and numbers need no quotes, where they stand in brackets neither. */
function quoted(text: string): string {
  const isPlain = /^[A-Za-z0-9][\w./-]*$/.test(text) && !/^(true|false|null)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

function comment(text: string, begin = '# '): string {
  const lines: string[] = [];
  let line = begin.trimEnd();
  for (const word of text.split(' ')) {
    const longer = line === begin.trimEnd() ? `${begin}${word}` : `${line} ${word}`;
    if (longer.length > COLUMNS && line !== begin.trimEnd()) {
      lines.push(line);
      line = `${begin}${word}`;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}
