import type { FlagSpec } from '../../config/flag-spec.js';
import { ALL_COMMANDS } from '../commands.js';

/** The program as shells know it. */
export const PROGRAM = 'dorami-load';
/** The command that is meant when none is named: its flags may come first. */
export const USUAL = 'run';

/** What can stand after a flag, or as the word of a command. */
export type Completed =
  | { readonly kind: 'none' | 'file' | 'folder' }
  | { readonly kind: 'values'; readonly values: readonly string[] };

export interface CompletedFlag {
  readonly name: string;
  readonly words: string;
  readonly repeats: boolean;
  /** Absent for a switch. */
  readonly value?: Completed;
}

export interface CompletedCommand {
  readonly name: string;
  readonly words: string;
  readonly flags: readonly CompletedFlag[];
  /** Absent for a command without a word of its own. */
  readonly word?: Completed;
}

const EVERYWHERE: readonly CompletedFlag[] = [
  { name: 'help', words: 'what it does', repeats: false },
  { name: 'version', words: 'the version', repeats: false },
];

/** Every command as a shell completes it. */
export function completedCommands(): CompletedCommand[] {
  const commands = Object.entries(ALL_COMMANDS).map(([name, { summary, flags, word }]) => ({
    name,
    words: summary,
    flags: [...Object.entries(flags).map(([flag, spec]) => completedFlag(flag, spec)), ...EVERYWHERE],
    ...(word === undefined ? {} : { word: valuesOf(word.values, 'folder') }),
  }));
  const names = commands.map(({ name }) => name);
  const help = { name: 'help', words: 'what a command does', flags: [], word: valuesOf(names, 'none') };
  return [...commands, help];
}

function completedFlag(name: string, spec: FlagSpec): CompletedFlag {
  const flag = { name, words: spec.help, repeats: spec.kind === 'list' };
  return spec.kind === 'switch' ? flag : { ...flag, value: valuesOf(spec.values, spec.path ?? 'none') };
}

function valuesOf(values: readonly string[] | undefined, otherwise: 'none' | 'file' | 'folder'): Completed {
  return values === undefined ? { kind: otherwise } : { kind: 'values', values };
}

/** Text in single quotes, as all three shells read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
