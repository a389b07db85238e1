import type { InitFlags } from '../config/flags.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import type { Output } from '../run/output.js';
import { SHELLS } from './commands.js';
import { completionScript } from './completion/script.js';
import { checkProfileName, profileText, writeTemplate } from './init-command.js';
import type { Outcome } from './outcome.js';

/**
 * `init`: writes a configuration file into `folder` or where it is told; with a profile and no file it prints that.
 * @throws {ConfigError} when the file is there already or cannot be written, or there is no such profile
 */
export function initCommand(
  flags: InitFlags,
  issues: readonly ConfigIssue[],
  folder: string,
  output: Output,
): Outcome {
  const { profile, out } = flags;
  if (profile === undefined || out !== undefined) {
    output.line(`wrote ${writeTemplate(flags, issues, folder)}`);
    return { exitCode: EXIT.pass };
  }
  const all = [...issues];
  checkProfileName(profile, all);
  if (all.length > 0) throw new ConfigError(all);
  output.result((profileText(profile) ?? '').trimEnd());
  return { exitCode: EXIT.pass };
}

/**
 * `completion`: prints the script for a shell.
 * @throws {ConfigError} for a shell that has none
 */
export function completionCommand(shell: string, issues: readonly ConfigIssue[], output: Output): Outcome {
  const script = completionScript(shell);
  const unknown = {
    path: 'completion',
    problem: 'no script for this shell',
    seen: shell,
    wanted: SHELLS.join(', '),
  };
  const all = script === undefined && shell !== '' ? [...issues, unknown] : issues;
  if (script === undefined || all.length > 0) throw new ConfigError(all);
  output.result(script);
  return { exitCode: EXIT.pass };
}
