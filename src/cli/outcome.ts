import { ConfigError, formatIssue, PreflightError, TargetNotAllowedError } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import type { Output } from '../run/output.js';
import { StoppedBeforeStart } from '../run/stop-signals.js';

/** How a command ended. */
export interface Outcome {
  readonly exitCode: number;
  /** Why, in words: printed as the last line on stderr. Absent = there is nothing to say. */
  readonly reason?: string;
}

/** A file that is no configuration at all has a problem in each line: nobody reads thousands. */
const MOST_LINES = 50;

/** A sentence and a code for whatever was thrown; no stack trace. */
export function outcomeOf(error: unknown, output: Output): Outcome {
  if (error instanceof ConfigError) {
    if (error.issues.length > 1) {
      for (const issue of error.issues.slice(0, MOST_LINES)) output.line(formatIssue(issue));
      const unsaid = error.issues.length - MOST_LINES;
      if (unsaid > 0) output.line(`and ${unsaid} more`);
    }
    const [first] = error.issues;
    const rest = error.issues.length - 1;
    const count = rest > 0 ? `${rest + 1} problems, the first: ` : '';
    return { exitCode: EXIT.config, reason: `bad configuration: ${count}${first ? formatIssue(first) : ''}` };
  }
  if (error instanceof TargetNotAllowedError) return { exitCode: EXIT.config, reason: error.message };
  if (error instanceof PreflightError)
    return { exitCode: EXIT.preflight, reason: `preflight: ${error.message}` };
  if (error instanceof StoppedBeforeStart) return { exitCode: EXIT.stopped, reason: error.message };
  const words = error instanceof Error ? error.message : String(error);
  return {
    exitCode: EXIT.internal,
    reason: `our own fault: ${words.split('\n')[0]} (DORAMI_LOAD_DEBUG=1 shows where)`,
  };
}
