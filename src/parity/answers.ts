import { readNamedFile } from '../config/config-file.js';
import { unknownName } from '../config/did-you-mean.js';
import { type FileValue, readYamlTree } from '../config/yaml-map.js';
import type { ConfigIssue } from '../errors.js';
import { ROW_IDS, type RowId, rowOf, SIDES, type Side } from './checklist.js';
import type { Parity } from './parity-schema.js';

type RowTexts = Readonly<Partial<Record<RowId, string>>>;

/** What a person answered. */
export type Answers = Readonly<Record<Side, RowTexts>> & {
  /** Why a difference stands. */
  readonly documented: RowTexts;
};

export const NO_ANSWERS: Answers = { production: {}, staging: {}, documented: {} };

const KEYS = [...SIDES, 'documented'] as const;
const MAX_CHARS = 500;

/** Reads a file of answers; every problem of it is one of `issues`, with file and line. */
export function readAnswers(path: string, issues: ConfigIssue[]): Answers | undefined {
  const text = readNamedFile(path, '--answers', issues);
  return text === undefined ? undefined : answersOf(path, text, issues);
}

/** The same of a text, called `path` in messages. What is left empty is not answered. */
export function answersOf(path: string, text: string, issues: ConfigIssue[]): Answers | undefined {
  const before = issues.length;
  const found = { production: {}, staging: {}, documented: {} } as Record<
    (typeof KEYS)[number],
    Partial<Record<RowId, string>>
  >;
  for (const { key, line, value } of readYamlTree(path, text, issues) ?? []) {
    const id = ROW_IDS.find((each) => each === key);
    const place = `${path}:${line}: ${key}`;
    if (id === undefined)
      issues.push({ path: place, ...unknownName('row', key, ROW_IDS, 'a row of the checklist') });
    else if (value.kind === 'mapping') {
      for (const entry of value.entries) {
        const side = KEYS.find((each) => each === entry.key);
        const at = `${path}:${entry.line}: ${key}.${entry.key}`;
        if (side === undefined) {
          issues.push({ path: at, ...unknownName('key', entry.key, KEYS, KEYS.join(', ')) });
          continue;
        }
        const answer = textOf(entry.value, at, issues);
        if (answer === undefined) continue;
        if (side === 'documented' && rowOf(id).mayBeDocumented !== true)
          issues.push({
            path: at,
            problem: 'a difference here must be mended: the strategy wants both alike',
          });
        else found[side][id] = answer;
      }
    } else if (value.kind !== 'nothing')
      issues.push({ path: place, problem: 'not answers', wanted: 'production, staging below it' });
  }
  return issues.length === before ? found : undefined;
}

/** A version is taken as it is written: 16.10 is not 16.1. */
function textOf(value: FileValue, path: string, issues: ConfigIssue[]): string | undefined {
  if (value.kind === 'nothing') return undefined;
  if (value.kind === 'text' || value.kind === 'number') {
    const text = value.text.trim().replace(/\s+/g, ' ');
    if (text.length <= MAX_CHARS) return text === '' ? undefined : text;
    issues.push({ path, problem: `longer than ${MAX_CHARS} characters` });
  } else issues.push({ path, problem: 'not a text', wanted: 'one value, in quotes' });
  return undefined;
}

/** A file to fill in: every open question with the command that answers it, what is known beside it as a comment. */
export function answersTemplate({ rows }: Parity): string {
  const parts = rows.map((row) => {
    const { component, section, readFrom, question, command, mayBeDocumented } = rowOf(row.id as RowId);
    const known = SIDES.flatMap((side) => {
      const fact = row[side];
      return fact === undefined ? [] : [`# ${side} (${fact.from}): ${oneLine(fact.value)}`];
    });
    const keys = row.state === 'open' ? SIDES.map((side) => `  ${side}:`) : [];
    const reason = mayBeDocumented === true ? ['  documented:   # why a difference may stand'] : [];
    return [
      `# ${component} (strategy ${section}); read from: ${readFrom}`,
      ...(row.state === 'open' ? [`# ${question}`, `#   ${command}`] : [`# ${row.state}`]),
      ...known,
      ...(keys.length + reason.length > 0 ? [`${row.id}:`, ...keys, ...reason] : []),
    ].join('\n');
  });
  return `# Answers for dorami-load parity: what its sources do not tell. Values in quotes; what is left empty stays open.
# No secrets: this goes into reports.

${parts.join('\n\n')}
`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
