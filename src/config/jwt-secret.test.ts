import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ConfigIssue, formatIssue } from '../errors.js';
import { resolveJwtSecret, Secret } from './jwt-secret.js';

const SECRET = 'a-secret-of-more-than-32-characters-0123456789';

function problemsOf(name: string, env: Record<string, string>): string[] {
  const issues: ConfigIssue[] = [];
  expect(resolveJwtSecret(name, env, issues)).toBeUndefined();
  return issues.map(formatIssue);
}

describe('the secret that tokens are signed with', () => {
  it('is read from the variable that is named', () => {
    expect(resolveJwtSecret('JWT', { JWT: SECRET }, [])?.reveal()).toBe(SECRET);
    expect(resolveJwtSecret(undefined, { JWT: SECRET }, [])).toBeUndefined();
  });

  it.each([
    ['JWT', {}, '--jwt-secret-env: no such variable in the environment (seen JWT, wanted the NAME of'],
    ['JWT', { JWT: '' }, '--jwt-secret-env: that variable is empty (seen JWT'],
    ['toString', {}, '--jwt-secret-env: no such variable in the environment'],
    ['', {}, '--jwt-secret-env: no such variable in the environment (wanted'],
    ['JWT', { JWT: 'short' }, 'too short (seen 5 characters, wanted 32 or more'],
  ])('is refused in words (%#)', (name, env, words) => {
    expect(problemsOf(name, env as Record<string, string>)).toEqual([expect.stringContaining(words)]);
  });

  it('is not shown, neither in a problem nor where somebody prints it', () => {
    const shown = [
      ...problemsOf('JWT', { JWT: SECRET.slice(0, 31) }),
      // Given in place of the name.
      ...problemsOf(SECRET.replaceAll('-', ''), {}),
      JSON.stringify({ secret: new Secret('JWT', SECRET) }),
      inspect(new Secret('JWT', SECRET), { showHidden: true, depth: 9 }),
      String(new Secret('JWT', SECRET)),
      JSON.stringify(structuredClone({ ...new Secret('JWT', SECRET) })),
    ].join('\n');
    expect(shown).not.toMatch(/secret-?of-?more/);
  });
});
