import yargs from 'yargs';
import type { FlagSpec } from '../config/flag-spec.js';
import { JUDGE_FLAGS, RUN_FLAGS, STAGE_FLAGS } from '../config/flags.js';
import { ConfigError, type ConfigIssue } from '../errors.js';

/** What the command line asks for, values unparsed. */
export type CommandLine =
  | { readonly command: 'run' | 'stage'; readonly flags: RawFlags; readonly issues: readonly ConfigIssue[] }
  | {
      readonly command: 'judge';
      readonly folder: string;
      readonly flags: RawFlags;
      readonly issues: readonly ConfigIssue[];
    }
  | { readonly command: 'help'; readonly text: string }
  | { readonly command: 'version' };

export type RawFlags = Readonly<Record<string, string | boolean | readonly string[]>>;

interface CommandSpec {
  readonly usage: string;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  readonly positional?: string;
  readonly epilogue: string;
}

const COMMANDS: Readonly<Record<'run' | 'stage' | 'judge', CommandSpec>> = {
  run: {
    usage: [
      'Usage: dorami-load [run] [flags]',
      '',
      'Loads a platform with viewers and judges what they saw. Other commands:',
      'dorami-load stage --help   the stand-in platform by itself',
      'dorami-load judge DIR      the verdict of a finished or killed run, from its folder',
    ].join('\n'),
    flags: RUN_FLAGS,
    epilogue: [
      'Without --target the run starts its own stage, a stand-in platform on this machine.',
      '',
      'Exit codes: 0 pass, 99 a mandatory KPI failed, 114 no data for one, 111 run invalid (the generator was the',
      'bottleneck), 105 stopped by a signal, 113 preflight failed, 104 bad configuration, 1 our own fault.',
    ].join('\n'),
  },
  stage: {
    usage: 'Usage: dorami-load stage [flags]     run the stand-in platform by itself',
    flags: STAGE_FLAGS,
    epilogue: 'The stage serves video, chat and shop on loopback until it is stopped.',
  },
  judge: {
    usage: 'Usage: dorami-load judge DIR [--json]     judge the folder of a finished or killed run again',
    flags: JUDGE_FLAGS,
    positional: 'DIR',
    epilogue: 'Ends with the exit code that the run itself had.',
  },
};

/**
 * Reads the command line. Nothing is interpreted but names: values are checked where they mean something. Unknown
 * flags, repeated flags and stray words are `issues`, to be reported together with what is wrong in the values.
 * @throws {ConfigError} for a command that does not exist
 */
export async function parseCommandLine(argv: readonly string[]): Promise<CommandLine> {
  const [first] = argv;
  const named = first !== undefined && !first.startsWith('-');
  if (named && !Object.hasOwn(COMMANDS, first)) {
    const wanted = Object.keys(COMMANDS).join(', ');
    throw new ConfigError([{ path: 'command', problem: 'no such command', seen: first, wanted }]);
  }
  const command = (named ? first : 'run') as keyof typeof COMMANDS;
  const spec = COMMANDS[command];
  const parser = parserOf(spec);
  const issues: ConfigIssue[] = [];
  const parsed = parser.parseSync(readable(argv.slice(named ? 1 : 0), spec, issues)) as Record<
    string,
    unknown
  >;
  if (parsed.help === true) return { command: 'help', text: await parser.getHelp() };
  if (parsed.version === true) return { command: 'version' };
  const flags = knownFlags(parsed, spec, issues);
  const words = (parsed._ as readonly (string | number)[]).map(String);
  const folder = spec.positional === undefined ? undefined : words.shift();
  for (const word of words) issues.push({ path: 'command line', problem: `"${word}" belongs to no flag` });
  if (spec.positional !== undefined && folder === undefined) {
    issues.push({ path: command, problem: `${spec.positional} is missing`, wanted: 'the folder of a run' });
  }
  return command === 'judge' ? { command, folder: folder ?? '', flags, issues } : { command, flags, issues };
}

function parserOf(spec: CommandSpec): ReturnType<typeof yargs> {
  const parser = yargs([])
    .scriptName('dorami-load')
    .usage(spec.usage)
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(110)
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
    })
    .epilogue(spec.epilogue);
  for (const [name, row] of Object.entries(spec.flags)) {
    const { kind, help, group } = row;
    const says = row.default === undefined ? help : `${help} (default: ${row.default})`;
    parser.option(name, { describe: says, group, ...YARGS_KIND[kind] });
  }
  return parser
    .option('help', { alias: 'h', type: 'boolean', describe: 'this text', group: 'Other:' })
    .option('version', { type: 'boolean', describe: 'the version', group: 'Other:' });
}

const YARGS_KIND = {
  text: { type: 'string' },
  list: { type: 'string' },
  switch: { type: 'boolean' },
} as const;

/** The words that the parser may see: names that every object has make it fall, switches take any value for no. */
function readable(argv: readonly string[], spec: CommandSpec, issues: ConfigIssue[]): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.filter((word, index) => {
    const [, name, value] = /^--?([^=]+)(=[\s\S]*)?$/.exec(word) ?? [];
    if (name === undefined || index >= end) return true;
    const known = Object.hasOwn(spec.flags, name) ? spec.flags[name]?.kind : undefined;
    if (known === undefined && name in Object.prototype) {
      issues.push({ path: `--${name}`, problem: 'no such flag', wanted: 'see --help' });
      return false;
    }
    if (known !== 'switch' || value === undefined || /^=(true|false)$/.test(value)) return true;
    issues.push({
      path: `--${name}`,
      problem: 'not a switch',
      seen: value.slice(1),
      wanted: 'true or false',
    });
    return false;
  });
}

function knownFlags(parsed: Record<string, unknown>, spec: CommandSpec, issues: ConfigIssue[]): RawFlags {
  const flags: Record<string, string | boolean | readonly string[]> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (name === '_' || name === '$0' || name === 'h' || name === 'help' || name === 'version') continue;
    const path = name.length > 1 ? `--${name}` : `-${name}`;
    const kind = spec.flags[name]?.kind;
    if (kind === undefined) issues.push({ path, problem: 'no such flag', wanted: 'see --help' });
    else if (value === undefined) continue;
    else if (kind === 'list') flags[name] = [value].flat().map(String);
    else if (Array.isArray(value)) issues.push({ path, problem: 'given more than once' });
    else flags[name] = value as string | boolean;
  }
  return flags;
}
