/**
 * The classes of failure that are *thrown*. What the system under test does wrong is never thrown: it is a
 * ViewerEvent (see events.ts). A throw means our own fault or a bad configuration.
 *
 * Every class has a stable `code`, keeps its `cause`, and names the value seen and the value wanted.
 */

/** One problem of a configuration, as data so that all of them can be shown at once. */
export interface ConfigIssue {
  /** Flag, key or file position, e.g. `--vus` or `users.csv:7`. */
  readonly path: string;
  readonly problem: string;
  readonly seen?: string;
  readonly wanted?: string;
}

/** The configuration cannot be run. Carries every problem found, not only the first. */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  readonly issues: readonly ConfigIssue[];
  constructor(issues: readonly ConfigIssue[], options?: { cause?: unknown }) {
    super(issues.map(formatIssue).join('\n'), options);
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

/** One line for one issue: `--vus: not a whole number (seen "ten", wanted 1 to 100000)`. */
export function formatIssue(issue: ConfigIssue): string {
  const notes: string[] = [];
  if (issue.seen !== undefined) notes.push(`seen ${shown(issue.seen)}`);
  if (issue.wanted !== undefined) notes.push(`wanted ${issue.wanted}`);
  return `${issue.path}: ${issue.problem}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}

/** Long enough to recognise a value by. */
const MAX_SEEN_CHARS = 120;

function shown(value: string): string {
  if (value === '') return 'nothing';
  return value.length > MAX_SEEN_CHARS ? `${value.slice(0, MAX_SEEN_CHARS)}...` : value;
}

/** A run cannot begin because the target did not answer as a platform does. */
export class PreflightError extends Error {
  readonly code = 'PREFLIGHT';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PreflightError';
  }
}

/** A socket was about to be opened to an address that is neither loopback nor allow-listed. */
export class TargetNotAllowedError extends Error {
  readonly code = 'TARGET_NOT_ALLOWED';
  readonly host: string;
  constructor(host: string, detail: string) {
    super(`${host} is not allowed as a target: ${detail}`);
    this.name = 'TargetNotAllowedError';
    this.host = host;
  }
}

/** A message between threads, boxes or files that does not have the agreed shape. */
export class ProtocolError extends Error {
  readonly code = 'PROTOCOL';
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ProtocolError';
  }
}
