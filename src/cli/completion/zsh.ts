import {
  type Completed,
  type CompletedCommand,
  type CompletedFlag,
  completedCommands,
  PROGRAM,
  quoted,
  USUAL,
} from './commands-view.js';

/** The script for zsh: a file \`_dorami-load\` of a folder in \`$fpath\`, or sourced after \`compinit\`. */
export function zshScript(): string {
  const commands = completedCommands();
  const names = commands.map(({ name }) => name);
  return `#compdef ${PROGRAM}
_dorami_load() {
  local command=${USUAL}
  local -a commands=(
${commands.map(({ name, words }) => `    ${quoted(`${name}:${words.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT > 2 )) && [[ $words[2] == (${names.join('|')}) ]]; then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  elif (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
    _describe command commands
    return
  fi
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _dorami-load ]]; then
  _dorami_load "$@"
else
  compdef _dorami_load ${PROGRAM}
fi
`;
}

function commandCase({ name, flags, word }: CompletedCommand): string {
  const specs = [
    ...flags.map(flagSpec),
    ...(word === undefined ? [] : [quoted(`1:${name}:${action(word)}`)]),
  ];
  return `    ${name})\n      _arguments \\\n${specs.map((spec) => `        ${spec}`).join(' \\\n')}\n      ;;`;
}

function flagSpec({ name, words, repeats, value }: CompletedFlag): string {
  const says = `[${words.replace(/[[\]\\]/g, '\\$&')}]`;
  if (value === undefined) return quoted(`--${name}${says}`);
  return quoted(`${repeats ? '*' : ''}--${name}=${says}:value:${action(value)}`);
}

function action(value: Completed): string {
  switch (value.kind) {
    case 'values':
      return `(${value.values.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    default:
      return ' ';
  }
}
