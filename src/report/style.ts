/** What a piece of text says by its colour; what it says is never said by the colour alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'invalid' | 'dim' | 'strong';

export type Paint = (text: string, tone: Tone) => string;

/** Select graphic rendition (ECMA-48 8.3.117), with what takes it back. */
const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  invalid: [35, 39],
  dim: [2, 22],
  strong: [1, 22],
};

/** Colours text, or leaves it as it is. */
export function createPaint(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, tone) => `\u001b[${CODES[tone][0]}m${text}\u001b[${CODES[tone][1]}m`;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether text for a stream may be coloured: on a terminal that can, unless `NO_COLOR` (no-color.org) is set.
 * `FORCE_COLOR` decides before all of it, as it does in Node.js: `0` or `false` is no, anything else yes.
 */
export function wantsColor(isTerminal: boolean, env: Environment): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && !isSet(env.NO_COLOR) && !isDumb(env);
}

/**
 * Whether a view may be redrawn in place: on a terminal that can move its cursor, and not where a machine keeps the
 * log (`CI`).
 */
export function wantsView(isTerminal: boolean, env: Environment): boolean {
  const ci = isSet(env.CI) && env.CI !== 'false' && env.CI !== '0';
  return isTerminal && !ci && !isDumb(env);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function isDumb({ TERM }: Environment): boolean {
  return !isSet(TERM) || TERM === 'dumb';
}
