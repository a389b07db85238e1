import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { ConfigError, type ConfigIssue } from './errors.js';
import type { ViewerIdentity } from './target.js';

const COLUMNS = ['userId', 'accessToken', 'refreshToken', 'sid', 'email'] as const;
type Column = (typeof COLUMNS)[number];

/** Problems shown before the list is cut: a wrong file has one per row. */
const MAX_ISSUES = 20;
/** Room for the most VUs a run may have, with two long tokens each. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** No row of tokens is this long, and no cookie either. */
const MAX_ROW_BYTES = 64 * 1024;

/** What each row must have beside its `userId`: a token, unless tokens are made here. */
export interface UserNeeds {
  readonly accessToken: boolean;
}

const WITH_TOKEN: UserNeeds = { accessToken: true };

/**
 * Reads a users file: see `parseUsers`. The file holds tokens: nothing of its content is ever shown.
 * @throws {ConfigError} when it cannot be read or has problems
 */
export async function readUsersFile(
  path: string,
  vus: number,
  needs: UserNeeds = WITH_TOKEN,
): Promise<ViewerIdentity[]> {
  let text: string;
  try {
    text = await readRegularFile(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError([{ path: '--users', problem: `cannot read ${path}: ${code}` }], { cause });
  }
  return parseUsers(text, vus, path, needs);
}

/** A pipe nobody writes to would be waited for without end, a device never ends: only files are read. */
async function readRegularFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size, ...kind } = await file.stat().then((stat) => ({ size: stat.size, isFile: stat.isFile() }));
    if (!kind.isFile) throw new ConfigError([{ path: '--users', problem: `${path} is not a file` }]);
    if (size > MAX_FILE_BYTES) {
      const problem = `${path} has ${size} bytes`;
      throw new ConfigError([{ path: '--users', problem, wanted: `${MAX_FILE_BYTES} at most` }]);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * CSV (RFC 4180) with a header line: `userId,accessToken` and optionally `refreshToken`, `sid`, `email`, in any order. One
 * row per VU, in order; more rows than VUs are left unused. Two VUs must not share an account: the platform
 * counts viewers by user id.
 * @throws {ConfigError} with line numbers and without values
 */
export function parseUsers(
  text: string,
  vus: number,
  path: string,
  needs: UserNeeds = WITH_TOKEN,
): ViewerIdentity[] {
  const rows = parseRows(text, path);
  const issues: ConfigIssue[] = [];
  const columns = readHeader(rows.shift()?.record ?? [], path, issues, needs);
  if (issues.length > 0) throw new ConfigError(issues);
  const users: ViewerIdentity[] = [];
  const lineOf = new Map<string, number>();
  for (const { record, line } of rows) {
    const user = readRow(record, columns);
    const at = `${path}:${line}`;
    if (record.length !== columns.length) {
      issues.push({
        path: at,
        problem: counted(record.length, 'field'),
        wanted: `${columns.length} as in the header`,
      });
    } else if (user.userId === undefined || (needs.accessToken && user.accessToken === undefined)) {
      issues.push({ path: at, problem: `${user.userId === undefined ? 'userId' : 'accessToken'} is empty` });
    } else if (!isHeaderSafe(user)) {
      issues.push({ path: at, problem: 'a value has characters that a cookie cannot carry' });
    } else {
      const before = lineOf.get(user.userId);
      if (before !== undefined) issues.push({ path: at, problem: `the same userId as in line ${before}` });
      lineOf.set(user.userId, line);
    }
    users.push(user);
  }
  if (users.length < vus) {
    issues.push({
      path,
      problem: `${counted(users.length, 'user')} for ${counted(vus, 'VU')}`,
      wanted: 'one row per VU',
    });
  }
  if (issues.length > 0) throw new ConfigError(shorten(issues));
  return users.slice(0, vus);
}

interface Row {
  readonly record: readonly string[];
  readonly line: number;
}

function parseRows(text: string, path: string): Row[] {
  try {
    const rows = parse(text, {
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: MAX_ROW_BYTES,
    });
    return (rows as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      record,
      line: info.lines,
    }));
  } catch (cause) {
    // The library's sentence quotes the row: only its code and line may be shown.
    const code = cause instanceof CsvError ? cause.code : 'unknown';
    const line = cause instanceof CsvError && typeof cause.lines === 'number' ? `:${cause.lines}` : '';
    throw new ConfigError([{ path: `${path}${line}`, problem: `not CSV (${code})` }], { cause });
  }
}

function readHeader(
  record: readonly string[],
  path: string,
  issues: ConfigIssue[],
  needs: UserNeeds,
): Column[] {
  const wanted = needs.accessToken ? 'userId,accessToken[,refreshToken,sid]' : 'userId[,sid,email]';
  const at = `${path}:1`;
  const columns = record as readonly Column[];
  // A file without a header has tokens in its first line: unknown names are counted, not shown.
  const unknown = record.filter((name) => !COLUMNS.includes(name as Column)).length;
  if (unknown > 0)
    issues.push({ path: at, problem: `${counted(unknown, 'unknown column')} in the header`, wanted });
  else if (new Set(record).size !== record.length)
    issues.push({ path: at, problem: 'a column twice', wanted });
  else if (!columns.includes('userId') || (needs.accessToken && !columns.includes('accessToken'))) {
    const missing = needs.accessToken ? 'userId or accessToken' : 'userId';
    issues.push({ path: at, problem: `the header lacks ${missing}`, wanted });
  }
  return [...columns];
}

function readRow(record: readonly string[], columns: readonly Column[]): ViewerIdentity {
  const user: { -readonly [K in Column]?: string } = {};
  columns.forEach((column, index) => {
    const value = record[index];
    if (value !== undefined && value !== '') user[column] = value;
  });
  return user;
}

/** RFC 6265 4.1.1 cookie-octet: what goes into the Cookie header unchanged. */
function isHeaderSafe(user: ViewerIdentity): boolean {
  return [user.accessToken, user.refreshToken, user.sid].every(
    (value) => value === undefined || /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/.test(value),
  );
}

function shorten(issues: ConfigIssue[]): ConfigIssue[] {
  if (issues.length <= MAX_ISSUES) return issues;
  const rest = issues.length - MAX_ISSUES;
  return [...issues.slice(0, MAX_ISSUES), { path: 'users', problem: `and ${rest} more problems like these` }];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
