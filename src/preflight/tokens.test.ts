import { describe, expect, it } from 'vitest';
import { unsignedToken } from '../../test/support/token-platform.js';
import type { ViewerIdentity } from '../target.js';
import { judgeTokens, refusedTokenWords } from './tokens.js';

const MINUTE_MS = 60_000;
const NOW_MS = 1_700_000_000_000;

function endingIn(minutes: number): string {
  return unsignedToken({ sub: 'u1', exp: (NOW_MS + minutes * MINUTE_MS) / 1000 });
}

function user(accessMinutes: number, refreshMinutes?: number): ViewerIdentity {
  const refresh = refreshMinutes === undefined ? {} : { refreshToken: endingIn(refreshMinutes) };
  return { userId: 'u1', accessToken: endingIn(accessMinutes), ...refresh };
}

const judge = (identities: readonly ViewerIdentity[], runMinutes = 30, secretVariable?: string) =>
  judgeTokens({ identities, nowEpochMs: NOW_MS, runMs: runMinutes * MINUTE_MS, secretVariable });

describe('the tokens before a run', () => {
  it('are good when they outlast it', () => {
    const { check, refusal } = judge([user(45), user(40)]);
    expect([check?.status, check?.text, refusal]).toEqual([
      'ok',
      'good for 40 min, longer than the run',
      undefined,
    ]);
  });

  it('may end, or have ended, where the viewers can renew them', () => {
    expect(judge([user(15, 9000), user(45)]).check?.text).toBe(
      'the first ends in 15 min; viewers renew them as the page does',
    );
    expect(judge([user(-34, 9000)]).check?.text).toBe(
      'the first expired 34 min ago; viewers renew them as they join',
    );
    expect(judge([{ ...user(-1), refreshToken: 'opaque' }]).check?.status).toBe('ok');
  });

  it.each([
    [
      [user(-34), user(-2), user(45)],
      /2 of 3 users expired, the first 34 min ago, and there is no refreshToken/,
    ],
    [
      [user(-34, -1)],
      /expired, the first 34 min ago, and what should renew them is missing or has expired too/,
    ],
    [
      [user(9), user(60)],
      /1 of 2 users end before the run: the first ends in 9 min, the run in 30 min; they cannot/,
    ],
    [[user(9, 5)], /cannot be renewed/],
  ])('refuse a run that would blame the platform for them (%#)', (identities, words) => {
    const { check, refusal } = judge(identities);
    expect([check, refusal]).toEqual([undefined, expect.stringMatching(words)]);
    expect(refusal).not.toMatch(/u1|eyJ/);
  });

  it('say nothing of themselves when they are opaque, and do not matter when they are made here', () => {
    expect(judge([{ userId: 'u', accessToken: 'opaque' }])).toEqual({});
    expect(judge([])).toEqual({});
    expect(judge([user(1)], 30, 'JWT')).toEqual({
      check: { part: 'tokens', status: 'ok', text: 'made with the secret in JWT' },
    });
  });
});

describe('a token that the platform refused', () => {
  it('tells what it knows of itself', () => {
    const words = (identity: ViewerIdentity, variable?: string) =>
      refusedTokenWords(identity, NOW_MS, variable);
    expect(words(user(-34))).toBe(': it expired 34 min ago');
    expect(words(user(600))).toMatch(/good for another 10\.0 h: another platform's/);
    expect(words({ accessToken: 'opaque' })).toBe('');
    expect(words(user(15), 'JWT')).toMatch(/made with the secret in JWT/);
  });
});
