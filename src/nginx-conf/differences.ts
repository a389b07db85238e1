import type { ConfDirective } from './directive.js';

/** One place where two configurations do not say the same; a side that is absent says nothing there. */
export interface ConfDifference {
  /** The blocks around it: `http > server live.example.com > location /api/`; empty = outside of all. */
  readonly where: string;
  readonly first?: ConfDirective;
  readonly second?: ConfDirective;
  /** The same directives in another order, where the order decides. */
  readonly order?: true;
}

type Directives = readonly ConfDirective[];

/** Names whose order among each other decides: the first that matches is taken, or they are steps. */
const SEQUENCES: readonly (readonly string[])[] = [
  ['allow', 'deny'],
  ['rewrite', 'set', 'return', 'break', 'if'],
];

/**
 * Compares by meaning: comments, white space, quotes and the order of settings do not count. The order of blocks
 * does where nginx goes by it: servers, locations by pattern, conditions, rules of access, steps of rewriting.
 * @param headOf how a block is called in `where`
 */
export function confDifferences(
  first: Directives,
  second: Directives,
  headOf: (block: ConfDirective) => string = headText,
): readonly ConfDifference[] {
  return inBlock(first, second, [], headOf);
}

/** `limit_req zone=api burst=50`; a block by its head alone. */
export function headText({ name, args }: ConfDirective): string {
  return [name, ...args.map((arg) => (/^$|[\s;{}"']/.test(arg) ? JSON.stringify(arg) : arg))].join(' ');
}

function inBlock(
  first: Directives,
  second: Directives,
  path: readonly string[],
  headOf: (block: ConfDirective) => string,
): ConfDifference[] {
  const where = path.join(' > ');
  const settings = settingDifferences(first.filter(isSetting), second.filter(isSetting), where);
  const { pairs, alone } = pairBlocks(first.filter(isBlock), second.filter(isBlock));
  const inner = pairs.flatMap(([one, other]) => [
    ...(sameWords(one, other) ? [] : [{ where, first: one, second: other }]),
    ...inBlock(one.block ?? [], other.block ?? [], [...path, blockName(one, headOf)], headOf),
  ]);
  const order = orderDifference(
    pairs.map(([one]) => one),
    pairs.map(([, other]) => other),
    second,
    where,
  );
  return [...settings, ...alone.map((side) => ({ where, ...side })), ...inner, ...order];
}

function isBlock({ block }: ConfDirective): boolean {
  return block !== undefined;
}

function isSetting(directive: ConfDirective): boolean {
  return !isBlock(directive);
}

/** A server by its names, so that a reader finds it. */
function blockName(block: ConfDirective, headOf: (block: ConfDirective) => string): string {
  if (block.name !== 'server' || block.args.length > 0) return headOf(block);
  const named = wordsOf(block, 'server_name');
  return `server ${named === '' ? `listen ${wordsOf(block, 'listen')}` : named}`;
}

function settingDifferences(first: Directives, second: Directives, where: string): ConfDifference[] {
  const names = new Set([...first, ...second].map(groupOf));
  const groups = [by(first, groupOf), by(second, groupOf)] as const;
  return [...names].flatMap((name) => {
    const [one, other] = [groups[0].get(name) ?? [], groups[1].get(name) ?? []];
    if (!name.includes(',') && !isPattern(one[0]) && !isPattern(other[0]))
      return unordered(one, other, where);
    const left = unordered(one, other, where);
    const moved = one.findIndex((each, index) => headText(each) !== headText(other[index] ?? each));
    if (left.length > 0 || moved === -1) return left;
    return [{ where, order: true as const, ...bothOf(one[moved], other[moved]) }];
  });
}

/** Settings whose order decides are looked at together; so are the patterns of a map. */
function groupOf({ name }: ConfDirective): string {
  if (name.startsWith('~')) return '~,';
  return SEQUENCES.find((names) => names.includes(name))?.join(',') ?? name;
}

function isPattern(directive: ConfDirective | undefined): boolean {
  return directive?.name.startsWith('~') === true;
}

/** What only one side has; values of the same thing stand beside each other. */
function unordered(first: Directives, second: Directives, where: string): ConfDifference[] {
  const same = by(second, headText);
  const alone = first.filter((each) => same.get(headText(each))?.shift() === undefined);
  const left = new Set([...same.values()].flat());
  const about = by(
    second.filter((each) => left.has(each)),
    subjectOf,
  );
  const found = alone.map((each) => {
    const other = about.get(subjectOf(each))?.shift();
    if (other !== undefined) left.delete(other);
    return { where, ...bothOf(each, other) };
  });
  return [...found, ...second.filter((each) => left.has(each)).map((other) => ({ where, second: other }))];
}

/** Settings that can stand several times, each about something else. */
const MANY = /^(?:add_header|proxy_set_header|limit_(?:req|conn)(?:_zone)?|set|log_format|error_page)$/;

/** What a setting is about: of those that stand several times, its zone or else its first word. */
function subjectOf({ name, args }: ConfDirective): string {
  if (!MANY.test(name)) return name;
  const zone = args.find((arg) => arg.startsWith('zone='))?.replace(/:.*/, '');
  return `${name} ${zone ?? args[0] ?? ''}`;
}

interface Pairing {
  readonly pairs: readonly (readonly [ConfDirective, ConfDirective])[];
  readonly alone: readonly Pick<ConfDifference, 'first' | 'second'>[];
}

/** From the surest likeness to the weakest: two platforms have other names for the same server. */
const LIKENESS: readonly ((block: ConfDirective) => string | undefined)[] = [
  (block) =>
    block.name === 'server'
      ? `${headText(block)} ${wordsOf(block, 'listen')} ${wordsOf(block, 'server_name')}`
      : headText(block),
  (block) => (block.name === 'server' ? `server ${wordsOf(block, 'listen')}` : undefined),
  ({ name }) => (name === 'location' || name === 'if' ? undefined : name),
];

function pairBlocks(first: Directives, second: Directives): Pairing {
  let left = [...first];
  const right = new Set(second);
  const pairs: [ConfDirective, ConfDirective][] = [];
  for (const likeness of LIKENESS) {
    const waiting = by([...right], (block) => likeness(block) ?? '');
    left = left.filter((block) => {
      const key = likeness(block);
      const other = key === undefined ? undefined : waiting.get(key)?.shift();
      if (other === undefined) return true;
      right.delete(other);
      pairs.push([block, other]);
      return false;
    });
  }
  const place = new Map(first.map((block, index) => [block, index]));
  pairs.sort(([one], [other]) => (place.get(one) ?? 0) - (place.get(other) ?? 0));
  return {
    pairs,
    alone: [...left.map((one) => ({ first: one })), ...[...right].map((other) => ({ second: other }))],
  };
}

/** The blocks that both sides have, where nginx takes the first that fits. */
function orderDifference(
  first: Directives,
  paired: Directives,
  second: Directives,
  where: string,
): ConfDifference[] {
  const place = new Map(second.map((block, index) => [block, index]));
  return ORDERED.flatMap((counts) => {
    const own = first.flatMap((block, index) => (counts(block) ? [index] : []));
    const others = own.map((index) => place.get(paired[index] as ConfDirective) ?? 0);
    const moved = others.findIndex((at, index) => at < (others[index - 1] ?? -1));
    const at = own[moved];
    return at === undefined ? [] : [{ where, order: true as const, ...bothOf(first[at], paired[at]) }];
  });
}

const ORDERED: readonly ((block: ConfDirective) => boolean)[] = [
  ({ name }) => name === 'server',
  ({ name, args }) => name === 'location' && (args[0] ?? '').startsWith('~'),
  ({ name }) => name === 'if',
];

/** The words of a setting of a block, however often it stands there, in an order of their own. */
function wordsOf({ block = [] }: ConfDirective, name: string): string {
  const words = block.filter((each) => each.name === name && isSetting(each)).flatMap(({ args }) => args);
  return words.sort().join(' ');
}

function sameWords(one: ConfDirective, other: ConfDirective): boolean {
  return headText(one) === headText(other);
}

function bothOf(
  first: ConfDirective | undefined,
  second: ConfDirective | undefined,
): Pick<ConfDifference, 'first' | 'second'> {
  return { ...(first === undefined ? {} : { first }), ...(second === undefined ? {} : { second }) };
}

function by<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
