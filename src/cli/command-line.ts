import yargs from 'yargs';
import { nearest, unknownName } from '../config/did-you-mean.js';
import type { FlagSpec } from '../config/flag-spec.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { ALL_COMMANDS, COMMANDS, type CommandName, type CommandSpec } from './commands.js';
import { helpColumns, helpText } from './help-text.js';

/** What the command line asks for, values unparsed. */
export type CommandLine =
  | {
      readonly command: CommandName;
      readonly flags: RawFlags;
      readonly issues: readonly ConfigIssue[];
      /** The word that is no flag, of a command that has one; empty when it is missing, which is an issue. */
      readonly word?: string;
      /** What stands behind it, of a command that takes more. */
      readonly more?: readonly string[];
    }
  | { readonly command: 'help'; readonly text: string }
  | { readonly command: 'version' };

export type RawFlags = Readonly<Record<string, string | boolean | readonly string[]>>;

/** The command that is meant when none is named. */
const USUAL: CommandName = 'run';

/**
 * Reads the command line. Nothing is interpreted but names: values are checked where they mean something. Unknown
 * flags, repeated flags and stray words are `issues`, to be reported together with what is wrong in the values.
 * @param terminalColumns width of the terminal that help is printed to, if it is one
 * @throws {ConfigError} for a command that does not exist
 */
export function parseCommandLine(argv: readonly string[], terminalColumns?: number): CommandLine {
  const [first, ...rest] = argv;
  if (first === 'help') return helpOf(rest.find((word) => !word.startsWith('-')) ?? USUAL, terminalColumns);
  const named = first !== undefined && !first.startsWith('-');
  const command = named ? commandOf(first) : USUAL;
  const spec: CommandSpec = COMMANDS[command];
  const issues: ConfigIssue[] = [];
  const parsed = parserOf(spec).parseSync(readable(named ? rest : argv, spec, issues)) as ParsedWords;
  if (parsed.help === true) return helpOf(command, terminalColumns);
  if (parsed.version === true) return { command: 'version' };
  const flags = knownFlags(parsed, spec, issues);
  const words = parsed._.map(String);
  const word = spec.word === undefined ? undefined : (words.shift() ?? '');
  const more = spec.moreWords ? words.splice(0) : undefined;
  for (const stray of words) issues.push({ path: 'command line', problem: `"${stray}" belongs to no flag` });
  if (word === '' && spec.word !== undefined) {
    issues.push({ path: command, problem: `${spec.word.name} is missing`, wanted: spec.word.wanted });
  }
  return { command, flags, issues, ...(more ? { more } : {}), ...(word === undefined ? {} : { word }) };
}

interface ParsedWords extends Readonly<Record<string, unknown>> {
  readonly _: readonly (string | number)[];
}

function helpOf(name: string, terminalColumns: number | undefined): CommandLine {
  const command = commandOf(name);
  const others = command === USUAL ? ALL_COMMANDS : {};
  return { command: 'help', text: helpText(COMMANDS[command], others, helpColumns(terminalColumns)) };
}

function commandOf(word: string): CommandName {
  if (Object.hasOwn(COMMANDS, word)) return word as CommandName;
  const names = Object.keys(COMMANDS);
  const unknown = unknownName('command', word, names, names.join(', '));
  throw new ConfigError([{ path: 'command', seen: word, ...unknown }]);
}

function parserOf(spec: CommandSpec): ReturnType<typeof yargs> {
  const parser = yargs([]).help(false).version(false).exitProcess(false).parserConfiguration({
    'camel-case-expansion': false,
    'boolean-negation': false,
    'dot-notation': false,
    'parse-numbers': false,
    'parse-positional-numbers': false,
    'short-option-groups': false,
  });
  for (const [name, { kind }] of Object.entries(spec.flags)) parser.option(name, YARGS_KIND[kind]);
  return parser.option('help', { alias: 'h', type: 'boolean' }).option('version', { type: 'boolean' });
}

const YARGS_KIND = {
  text: { type: 'string' },
  list: { type: 'string' },
  switch: { type: 'boolean' },
} as const;

/** The words that the parser may see: names that every object has make it fall, switches take
 * any value for no and the last of several. */
function readable(argv: readonly string[], spec: CommandSpec, issues: ConfigIssue[]): string[] {
  const switches = new Set<string>();
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.filter((word, index) => {
    const [, name, value] = /^--?([^=]+)(=[\s\S]*)?$/.exec(word) ?? [];
    if (name === undefined || index >= end) return true;
    const known = Object.hasOwn(spec.flags, name) ? spec.flags[name]?.kind : undefined;
    if (known === undefined && name in Object.prototype) {
      issues.push({ path: `--${name}`, problem: 'no such flag', wanted: 'see --help' });
      return false;
    }
    if (known !== 'switch') return true;
    if (switches.has(name)) issues.push({ path: `--${name}`, problem: 'given more than once' });
    switches.add(name);
    if (value === undefined || /^=(true|false)$/.test(value)) return true;
    issues.push({
      path: `--${name}`,
      problem: 'not a switch',
      seen: value.slice(1),
      wanted: 'true or false',
    });
    return false;
  });
}

function knownFlags(parsed: ParsedWords, spec: CommandSpec, issues: ConfigIssue[]): RawFlags {
  const flags: Record<string, string | boolean | readonly string[]> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (['_', '$0', 'h', 'help', 'version'].includes(name)) continue;
    const path = name.length > 1 ? `--${name}` : `-${name}`;
    const kind = spec.flags[name]?.kind;
    if (kind === undefined) issues.push({ path, ...unknownFlag(name, spec.flags) });
    else if (value === undefined) continue;
    else if (kind === 'list') flags[name] = [value].flat().map(String);
    else if (Array.isArray(value)) issues.push({ path, problem: 'given more than once' });
    else flags[name] = value as string | boolean;
  }
  return flags;
}

function unknownFlag(
  name: string,
  flags: Readonly<Record<string, FlagSpec>>,
): { problem: string; wanted?: string } {
  const negated = name.startsWith('no-') ? name.slice(3) : '';
  if (flags[negated]?.kind === 'switch') return { problem: `no such flag, did you mean --${negated}=false?` };
  const near = nearest(name, Object.keys(flags));
  if (near === undefined) return { problem: 'no such flag', wanted: 'see --help' };
  return { problem: `no such flag, did you mean --${near}?` };
}
