import {
  type Completed,
  type CompletedCommand,
  type CompletedFlag,
  completedCommands,
  PROGRAM,
  quoted,
  USUAL,
} from './commands-view.js';

/** The script for fish 3 and newer. */
export function fishScript(): string {
  const commands = completedCommands();
  const others = commands.map(({ name }) => name).filter((name) => name !== USUAL);
  const lines = commands.flatMap((command) => commandLines(command, others));
  return `# fish completion of ${PROGRAM}\ncomplete -c ${PROGRAM} -f\n${lines.join('\n')}\n`;
}

function commandLines({ name, words, flags, word }: CompletedCommand, others: readonly string[]): string[] {
  const here =
    name === USUAL
      ? `not __fish_seen_subcommand_from ${others.join(' ')}`
      : `__fish_seen_subcommand_from ${name}`;
  const begin = `complete -c ${PROGRAM} -n ${quoted(here)}`;
  return [
    `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d ${fishQuoted(words)}`,
    ...flags.map((flag) => `${begin} ${flagOptions(flag)} -d ${fishQuoted(flag.words)}`),
    ...(word === undefined ? [] : [`${begin} ${wordOptions(word)}`]),
  ];
}

function flagOptions({ name, value }: CompletedFlag): string {
  return value === undefined
    ? `-l ${name}`
    : `-l ${name} ${value.kind === 'file' ? '-r -F' : `-x ${wordOptions(value)}`}`;
}

function wordOptions(value: Completed): string {
  switch (value.kind) {
    case 'values':
      return `-a ${fishQuoted(value.values.join(' '))}`;
    case 'file':
      return '-F';
    case 'folder':
      return `-a '(__fish_complete_directories)'`;
    default:
      return '';
  }
}

/** Inside single quotes fish knows two escapes, the quote and the backslash. */
function fishQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
