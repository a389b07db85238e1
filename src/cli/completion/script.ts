import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import { zshScript } from './zsh.js';

const SCRIPTS: ReadonlyMap<string, () => string> = new Map([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
]);

/**
 * The script that completes commands, flags and their values in a shell; undefined for a shell that has none. It is
 * made from the tables and asks nothing of the program, so a press of Tab costs no start of Node.
 */
export function completionScript(shell: string): string | undefined {
  return SCRIPTS.get(shell)?.();
}
