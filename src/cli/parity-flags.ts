import { PARITY_FLAGS, type ParityFlags } from '../config/flags.js';
import { allowListOf } from '../config/target.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import { NO_ANSWERS, readAnswers } from '../parity/answers.js';
import { readParityConfig } from '../parity/config.js';
import type { ParityOptions } from '../parity/parity-command.js';

/** Written where `--init` is told no other place. */
const ANSWERS_FILE = 'parity-answers.yaml';

/**
 * The flags of `dorami-load parity` as options.
 * @throws {ConfigError} with every problem, those of its files too
 */
export function resolveParityFlags(flags: ParityFlags, before: readonly ConfigIssue[]): ParityOptions {
  const issues: ConfigIssue[] = [...before];
  const allowTargets = flags['allow-target'] ?? [];
  const known = issues.length;
  allowListOf(allowTargets, issues);
  const allowed = issues.length > known ? [] : allowTargets;
  const init = flags.init === true;
  const config = flags.config === undefined ? {} : readParityConfig(flags.config, allowed, issues);
  const answers = flags.answers === undefined || init ? NO_ANSWERS : readAnswers(flags.answers, issues);
  const initTo = flags.answers ?? ANSWERS_FILE;
  const out = flags.out ?? PARITY_FLAGS.out.default ?? '';
  if (out === '') issues.push({ path: '--out', problem: 'no file given' });
  if (init && !/\.ya?ml$/.test(initTo))
    issues.push({ path: '--answers', problem: 'not a YAML file', seen: initTo, wanted: 'FILE.yaml' });
  if (!init && flags.config === undefined && flags.answers === undefined)
    issues.push({
      path: 'parity',
      problem: 'nothing to compare',
      wanted: '--config FILE, --answers FILE or both; --init writes the questions',
    });
  if (issues.length > 0 || config === undefined || answers === undefined) throw new ConfigError(issues);
  return {
    ...{ config, answers, out, allowTargets },
    ...(flags.config === undefined ? {} : { configPath: flags.config }),
    ...(init ? { initTo } : {}),
    insecure: flags.insecure === true,
    json: flags.json === true,
  };
}
