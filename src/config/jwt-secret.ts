import type { ConfigIssue } from '../errors.js';

/** The platform refuses to start with a shorter one (contract 2). */
export const MIN_SECRET_CHARS = 32;
/** What may be shown of a value that should be a name: no secret is that short. */
const SHOWABLE_NAME = /^\w{1,31}$/;

/** A secret that does not come out by being printed, cloned or turned into JSON. */
export class Secret {
  readonly #value: string;
  /** Name of the variable that held it: may be shown. */
  readonly variable: string;

  constructor(variable: string, value: string) {
    this.variable = variable;
    this.#value = value;
  }

  /** The secret itself; for who signs with it. */
  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return '***';
  }

  toString(): string {
    return '***';
  }
}

/**
 * The secret that the variable called `name` holds; undefined when none is asked for, or with a problem in
 * `issues`. No problem shows a value, nor a name that could be the secret itself by mistake.
 */
export function resolveJwtSecret(
  name: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  issues: ConfigIssue[],
): Secret | undefined {
  if (name === undefined) return undefined;
  const path = '--jwt-secret-env';
  const seen = SHOWABLE_NAME.test(name) ? { seen: name } : {};
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined || value === '') {
    const problem = value === '' ? 'that variable is empty' : 'no such variable in the environment';
    issues.push({ path, problem, ...seen, wanted: 'the NAME of the variable that holds the secret' });
    return undefined;
  }
  if (value.length >= MIN_SECRET_CHARS) return new Secret(name, value);
  const length = `${value.length} characters`;
  issues.push({
    path,
    problem: 'the secret in that variable is too short',
    seen: length,
    wanted: `${MIN_SECRET_CHARS} or more, as the platform itself demands`,
  });
  return undefined;
}
