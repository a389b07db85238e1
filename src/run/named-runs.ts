import { ConfigError, type ConfigIssue } from '../errors.js';

/**
 * For a command that one folder is too few for.
 * @param before what is wrong with its line already
 * @param problem what one folder is not, `wanted` what the command takes
 * @throws {ConfigError} when there is anything wrong
 */
export function needTwo(
  paths: readonly string[],
  before: readonly ConfigIssue[],
  { path, problem, wanted }: { path: string; problem: string; wanted: string },
): void {
  const issues = [...before];
  if (paths.length < 2 && issues.length === 0) issues.push({ path, problem, wanted });
  if (issues.length > 0) throw new ConfigError(issues);
}

/**
 * Reads what each path names, in order.
 * @throws {ConfigError} with what is wrong with all of them, not with the first alone
 */
export async function readEach<T>(
  paths: readonly string[],
  read: (path: string) => Promise<T>,
): Promise<T[]> {
  const issues: ConfigIssue[] = [];
  const found: T[] = [];
  for (const path of paths) {
    try {
      found.push(await read(path));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return found;
}
