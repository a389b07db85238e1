/** A reader of the lines that one `log_format` of nginx writes. */
export interface LineFormat {
  /** Names of its variables, without `$`. */
  readonly variables: ReadonlySet<string>;
  /** The variables of a line; undefined for a line of another format. */
  parse(line: string): Readonly<Record<string, string>> | undefined;
}

const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const MAIN = `${COMBINED} "$http_x_forwarded_for"`;

/** Formats by name: nginx's own, and those that the platform's configurations have. */
export const NAMED_FORMATS = {
  combined: COMBINED,
  main: MAIN,
  timed: `${MAIN} rt=$request_time uct="$upstream_connect_time" uht="$upstream_header_time" urt="$upstream_response_time"`,
} as const;

interface Part {
  readonly variable: string;
  /** What stands behind it; empty at the end of the line. */
  readonly until: string;
}

/**
 * A format by its name here or as it stands in nginx's configuration, with or without the directive's own words and
 * quotes. nginx writes a quote within a value as `\x22`, so that the text behind a variable ends it. Of upstream
 * variables a value may be a list (`0.010, 0.002 : 0.001`).
 * @throws {Error} in words, for a text that no line can be taken apart by
 */
export function parseFormat(given: string): LineFormat {
  const text = Object.hasOwn(NAMED_FORMATS, given)
    ? NAMED_FORMATS[given as keyof typeof NAMED_FORMATS]
    : bare(given);
  const names = [...text.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)];
  const first = names[0];
  if (first === undefined) throw new Error('no log_format of nginx: it has no variable');
  const head = text.slice(0, first.index);
  const parts = names.map((match, index): Part => {
    const end = match.index + match[0].length;
    return { variable: (match[1] ?? match[2]) as string, until: text.slice(end, names[index + 1]?.index) };
  });
  const stuck = parts.slice(0, -1).find(({ until }) => until === '');
  if (stuck) throw new Error(`nothing stands between $${stuck.variable} and what follows`);
  const variables = new Set(parts.map(({ variable }) => variable));
  if (!variables.has('status')) throw new Error('the format has no $status');
  if (!['request', 'request_uri', 'uri'].some((name) => variables.has(name)))
    throw new Error('the format has no $request, $request_uri or $uri');
  return { variables, parse: (line) => parseWith(line, head, parts) };
}

/** `log_format name escape=default 'a' 'b';` -> `ab`. */
function bare(given: string): string {
  const directive = /^\s*log_format\s+\S+\s+(?:escape=(\w+)\s+)?([\s\S]*?);?\s*$/.exec(given);
  if (directive === null) return given.trim();
  if (directive[1] !== undefined && directive[1] !== 'default')
    throw new Error(`escape=${directive[1]} is not read here`);
  const quoted = [...(directive[2] ?? '').matchAll(/'([^']*)'|"([^"]*)"/g)];
  return quoted.map((match) => match[1] ?? match[2] ?? '').join('');
}

/** A value of an upstream variable: numbers or `-`, by commas and colons. */
const UPSTREAM_LIST = /[^\s,:"]+(?:(?:, | : )[^\s,:"]+)*/y;

function parseWith(
  line: string,
  head: string,
  parts: readonly Part[],
): Readonly<Record<string, string>> | undefined {
  if (!line.startsWith(head)) return undefined;
  const values: Record<string, string> = {};
  let at = head.length;
  for (const { variable, until } of parts) {
    const end = endOf(line, at, variable, until);
    if (end < 0) return undefined;
    values[variable] = line.slice(at, end);
    at = end + until.length;
  }
  return at === line.length ? values : undefined;
}

function endOf(line: string, at: number, variable: string, until: string): number {
  if (variable.startsWith('upstream_')) {
    UPSTREAM_LIST.lastIndex = at;
    const end = at + (UPSTREAM_LIST.exec(line)?.[0].length ?? 0);
    return line.startsWith(until, end) ? end : -1;
  }
  return until === '' ? line.length : line.indexOf(until, at);
}
