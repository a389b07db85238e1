import { type Completed, type CompletedCommand, completedCommands, PROGRAM, USUAL } from './commands-view.js';

/** The script for bash 4 and newer; needs nothing of the bash-completion package. */
export function bashScript(): string {
  const commands = completedCommands();
  const names = commands.map(({ name }) => name).join(' ');
  return `# bash completion of ${PROGRAM}
_dorami_load() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command=${USUAL} named= words=
  # bash hands over --flag=value as three words
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" ]]; then
    prev="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  if ((COMP_CWORD > 1)) && [[ " ${names} " == *" \${COMP_WORDS[1]} "* ]]; then
    command="\${COMP_WORDS[1]}" named=1
  fi
  case "$command $prev" in
${commands.flatMap(flagCases).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$command" in
${commands.map(({ name, flags }) => `      ${name}) words="${flags.map((flag) => `--${flag.name}`).join(' ')}" ;;`).join('\n')}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  elif ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "${names}" -- "$cur")
  elif [[ $named ]] && ((COMP_CWORD == 2)); then
    case "$command" in
${commands.flatMap(({ name, word }) => (word ? [`      ${name}) ${reply(word)} ;;`] : [])).join('\n')}
    esac
  fi
}
complete -F _dorami_load ${PROGRAM}
`;
}

/** One case for the flags that share what may follow them. */
function flagCases({ name: command, flags }: CompletedCommand): string[] {
  const byReply = new Map<string, string[]>();
  for (const { name, value } of flags) {
    if (value === undefined) continue;
    const text = reply(value);
    byReply.set(text, [...(byReply.get(text) ?? []), `"${command} --${name}"`]);
  }
  return [...byReply].map(
    ([text, patterns]) => `    ${patterns.join(' | ')})\n      ${text}\n      return\n      ;;`,
  );
}

function reply(value: Completed): string {
  switch (value.kind) {
    case 'values':
      return `mapfile -t COMPREPLY < <(compgen -W "${value.values.join(' ')}" -- "$cur")`;
    case 'file':
      return 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur")';
    case 'folder':
      return 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur")';
    default:
      return 'COMPREPLY=()';
  }
}
