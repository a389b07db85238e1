import { type ConfDifference, confDifferences } from '../nginx-conf/differences.js';
import type { ConfDirective } from '../nginx-conf/directive.js';
import type { Answers } from './answers.js';
import { type ChecklistRow, ROW_IDS, type RowId, rowOf, SIDES, type Side } from './checklist.js';
import { limitsOnly } from './conf-facts.js';
import type { Fact, SideFacts, Sides } from './facts.js';
import { maskedText } from './mask.js';
import type { Parity, ParityDifference, ParityRow, ParityState } from './parity-schema.js';
import { alike } from './values.js';

export interface Compared {
  readonly facts: Sides<SideFacts>;
  readonly answers: Answers;
  readonly redact: (text: string) => string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
}

/** More would be no list to read; how many there are is told all the same. */
const MAX_DIFFERENCES = 200;

/** Holds both sides of every row of the checklist against each other. Pure. */
export function compareSides(compared: Compared): Parity {
  const rows = ROW_IDS.map((id) => rowResult(id, compared));
  const count = (state: ParityState): number => rows.filter((row) => row.state === state).length;
  const counts = {
    same: count('same'),
    differs: count('differs'),
    documented: count('documented'),
    open: count('open'),
  };
  return { v: 1, madeAt: compared.madeAt, counts, rows };
}

interface Known {
  readonly values: Partial<Record<Side, Fact>>;
  readonly notes: readonly string[];
}

function rowResult(id: RowId, compared: Compared): ParityRow {
  const { answers, redact } = compared;
  const row = rowOf(id);
  const { values, notes } = knownOf(id, row, compared);
  const judged = judge(id, row, values, compared);
  const reason = answers.documented[id];
  const documented = judged.state === 'differs' && row.mayBeDocumented === true && reason !== undefined;
  const state: ParityState = documented ? 'documented' : judged.state;
  const unknown = SIDES.filter((side) => values[side] === undefined);
  const asked = unknown.length > 0 ? unknown : SIDES;
  const all = [...notes, ...judged.notes, ...writtenNotes(row, values)];
  return {
    ...{ id, component: row.component, section: row.section },
    ...(row.written === undefined ? {} : { written: row.written }),
    state,
    ...Object.fromEntries(
      Object.entries(values).map(([side, { value, from }]) => [side, { value: redact(value), from }]),
    ),
    ...listed(judged.differences, redact),
    ...(reason === undefined ? {} : { documented: redact(reason) }),
    ...(state === 'open'
      ? { questions: [{ of: [...asked], question: row.question, command: row.command }] }
      : {}),
    notes: [...new Set(all)].map(redact),
  };
}

/** What was read stands before what was answered. */
function knownOf(id: RowId, row: ChecklistRow, { facts, answers }: Compared): Known {
  const values: Partial<Record<Side, Fact>> = {};
  const notes: string[] = [];
  for (const side of SIDES) {
    const read = facts[side].facts[id];
    const answer = answers[side][id];
    // A checksum by hand means nothing beside a file that only one side has.
    const counts = row.comparison !== 'conf' || bothConfs(id, facts) !== undefined || answer === undefined;
    const fact = counts ? read : undefined;
    if (fact !== undefined) values[side] = fact;
    else if (answer !== undefined) values[side] = { value: answer, from: 'answer' };
    if (fact !== undefined && answer !== undefined && row.comparison !== 'conf') {
      const { same } = alike(row.comparison, fact.value, answer);
      if (!same) notes.push(`${side}: answered ${answer}; what ${fact.from} says counts`);
    }
    notes.push(...facts[side].notes.filter((note) => note.row === id).map(({ text }) => `${side}: ${text}`));
  }
  return { values, notes };
}

interface Judged {
  readonly state: 'same' | 'differs' | 'open';
  readonly differences: readonly ConfDifference[];
  readonly notes: readonly string[];
}

function judge(id: RowId, row: ChecklistRow, values: Known['values'], { facts, redact }: Compared): Judged {
  const confs = bothConfs(id, facts);
  if (confs !== undefined) {
    const [first, second] = confs;
    const found = confDifferences(first.directives, second.directives, (block) => maskedText(block, redact));
    const differences = id === 'nginx-rate-limits' ? found.filter(isLimit) : found.filter(counts);
    const unread = first.unread + second.unread > 0;
    const named = found.length - differences.length;
    const names =
      named === 0 || id === 'nginx-rate-limits'
        ? []
        : [`${named} ${named === 1 ? 'difference' : 'differences'} in names and certificates: not counted`];
    if (differences.length > 0) return { state: 'differs', differences, notes: names };
    const partly = unread ? ['the same as far as it was read; of the includes nothing is known'] : [];
    return { state: unread ? 'open' : 'same', differences, notes: [...names, ...partly] };
  }
  const { production, staging } = values;
  if (production === undefined || staging === undefined) return { state: 'open', differences: [], notes: [] };
  if (row.comparison === 'conf' && production.from !== staging.from)
    return {
      state: 'open',
      differences: [],
      notes: ['a file on one side, an answer on the other: not comparable'],
    };
  const { same, note } = alike(row.comparison, production.value, staging.value);
  return { state: same ? 'same' : 'differs', differences: [], notes: note === undefined ? [] : [note] };
}

/** Two platforms have names and certificates of their own; nothing is slower or faster by them. */
function counts({ first, second }: ConfDifference): boolean {
  return !NAMES.has(first?.name ?? '') || !NAMES.has(second?.name ?? '');
}

const NAMES: ReadonlySet<string> = new Set([
  'server_name',
  'ssl_certificate',
  'ssl_certificate_key',
  'ssl_trusted_certificate',
]);

function isLimit({ first, second }: ConfDifference): boolean {
  return first?.name !== 'listen' && second?.name !== 'listen';
}

interface ConfSide {
  readonly directives: readonly ConfDirective[];
  readonly unread: number;
}

/** Both configurations, as far as the row is about them. */
function bothConfs(id: RowId, { production, staging }: Sides<SideFacts>): [ConfSide, ConfSide] | undefined {
  const kind = id === 'nginx-rate-limits' ? 'nginx-config' : id;
  if (kind !== 'srs-config' && kind !== 'nginx-config') return undefined;
  const [first, second] = [production.confs[kind], staging.confs[kind]];
  if (first === undefined || second === undefined) return undefined;
  return [first, second].map(({ directives, unread }) => ({
    directives: id === 'nginx-rate-limits' ? limitsOnly(directives) : directives,
    unread: unread.length,
  })) as [ConfSide, ConfSide];
}

/** A difference from the strategy's own words decides nothing: it may be the strategy that is out of date. */
function writtenNotes(row: ChecklistRow, values: Known['values']): string[] {
  const { written, comparison } = row;
  if (written === undefined || comparison === 'conf' || /^as /.test(written)) return [];
  return SIDES.flatMap((side) => {
    const fact = values[side];
    if (fact === undefined || asWritten(comparison, written, fact.value)) return [];
    return [`${side} is not as the strategy writes it: ${written}`];
  });
}

function asWritten(comparison: ChecklistRow['comparison'], written: string, value: string): boolean {
  if (comparison === 'version') {
    const wanted = /\d+/.exec(written)?.[0] ?? '';
    return new RegExp(`(?:^|[^\\d.])${wanted}(?!\\d)`).test(value);
  }
  const inBrackets = /^bridge \((.+)\)$/.exec(written)?.[1];
  if (inBrackets !== undefined) return value.includes(inBrackets);
  return alike(comparison, written, value).same;
}

function listed(
  differences: readonly ConfDifference[],
  redact: (text: string) => string,
): Pick<ParityRow, 'differences' | 'moreDifferences'> {
  if (differences.length === 0) return {};
  const more = differences.length - MAX_DIFFERENCES;
  return {
    differences: differences.slice(0, MAX_DIFFERENCES).map((each) => toldOf(each, redact)),
    ...(more > 0 ? { moreDifferences: more } : {}),
  };
}

function toldOf(
  { where, first, second, order }: ConfDifference,
  redact: (text: string) => string,
): ParityDifference {
  const said = (directive: ConfDirective) => ({
    text: maskedText(directive, redact, where),
    line: directive.line,
    ...(directive.file === undefined ? {} : { file: directive.file }),
  });
  return {
    where: redact(where),
    ...(first === undefined ? {} : { production: said(first) }),
    ...(second === undefined ? {} : { staging: said(second) }),
    ...(order === undefined ? {} : { order }),
  };
}
