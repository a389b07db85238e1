import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, ScriptedHttp } from '../../test/support/scripted-http.js';
import { unsignedToken } from '../../test/support/token-platform.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { PreflightError, TargetNotAllowedError } from '../errors.js';
import { type AccountTry, tryAccount } from './test-account.js';

const API = 'http://127.0.0.1:4000';
const LOGIN = 'POST /api/auth/dev-login';
const PROFILE = 'POST /api/users/complete-profile';

let clock: VirtualClock;
let http: ScriptedHttp;

beforeEach(() => {
  clock = new VirtualClock();
  http = new ScriptedHttp(clock);
});

async function attempt(apiUrl = API): Promise<AccountTry | Error> {
  const result = tryAccount(http, apiUrl, 'load-a', 6).catch((error: Error) => error);
  await clock.run(20_000);
  return result;
}

function signedIn(profileComplete: boolean, flags = ''): Answer {
  const token = unsignedToken({ sub: 'u7', userId: 'u7', sid: 's7', profileComplete });
  const cookies = [`accessToken=${token}; Path=/${flags}`, `refreshToken=refresh7; Path=/${flags}`];
  const body = JSON.stringify({ success: true, data: { user: { id: 'u7' } }, timestamp: 't' });
  return { status: 201, headers: { 'set-cookie': cookies }, body };
}

const fine: Answer = { status: 200, body: '{"success":true,"data":{},"timestamp":"t"}' };
const refused = (status: number, message = 'no'): Answer => ({
  status,
  body: JSON.stringify({ success: false, message, timestamp: 't' }),
});

describe('making a test user', () => {
  it('signs in, then fills in the whole profile with the cookies and the CSRF pair', async () => {
    http.route(LOGIN, signedIn(false)).route(PROFILE, fine);
    expect(await attempt()).toEqual({
      kind: 'made',
      account: {
        ...{ userId: 'u7', refreshToken: 'refresh7', sid: 's7' },
        accessToken: expect.stringContaining('eyJ'),
      },
    });
    const [login, profile] = http.requests;
    expect(JSON.parse(login?.body ?? '')).toEqual({ email: 'load-a-7@example.com', name: 'load-a 7' });
    expect(JSON.parse(profile?.body ?? '')).toEqual({
      ...{ email: 'load-a-7@example.com', depositorName: 'load-a 7', fullName: 'load-a 7' },
      ...{ instagramId: 'load_a_7', address1: '123 Main St', city: 'Los Angeles', state: 'CA', zip: '90001' },
    });
    const csrf = profile?.headers?.['x-csrf-token'] ?? '';
    expect(csrf).toMatch(/^[0-9a-f]{64}$/);
    expect(profile?.headers?.cookie).toContain(`csrf-token=${csrf}`);
    expect(profile?.headers?.cookie).toContain('accessToken=eyJ');
  });

  it('leaves a profile that is complete as it is', async () => {
    http.route(LOGIN, signedIn(true));
    expect(await attempt()).toMatchObject({ kind: 'made' });
    expect(http.paths).toEqual(['/api/auth/dev-login']);
  });

  it.each([
    [refused(429), { kind: 'limited' }],
    [{ status: 503, body: '<html>503</html>' }, { kind: 'limited' }],
    [refused(500), { kind: 'failed', words: 'POST /api/auth/dev-login answers HTTP 500 (no)' }],
    [
      { fail: { kind: 'refused', atMs: 1, detail: 'ECONNREFUSED' } },
      { kind: 'failed', words: `${API} does not answer: ECONNREFUSED` },
    ],
    [{ end: 'never' }, { kind: 'failed', words: `${API} does not answer: timeout` }],
  ] as [Answer, AccountTry][])('may go better the next time (%#)', async (answer, result) => {
    http.route(LOGIN, answer);
    expect(await attempt()).toEqual(result);
  });

  it.each([
    [
      refused(403),
      /refuses the test login \(HTTP 403\)\. It needs ENABLE_DEV_AUTH=true .* production platform has none/,
    ],
    [{ status: 404, body: '<html>' }, /HTTP 404.*is --target the base of the API\?/],
    [refused(400, 'bad e-mail'), /refuses the test login: .*HTTP 400 \(bad e-mail\)/],
    [{ status: 200, body: '<html>a shop</html>' }, /no test login there/],
  ] as [Answer, RegExp][])('ends in words where trying again is no use (%#)', async (answer, words) => {
    http.route(LOGIN, answer);
    const error = await attempt();
    expect(error).toBeInstanceOf(PreflightError);
    expect(String(error)).toMatch(words);
  });

  it('ends in words where the cookies cannot be kept: off this machine Secure needs https', async () => {
    http.route(LOGIN, signedIn(true, '; Secure'));
    expect(String(await attempt('http://staging.example.com'))).toMatch(
      /a cookie with Secure cannot, so use https/,
    );
    expect(await attempt('https://staging.example.com')).toMatchObject({ kind: 'made' });
  });

  it('says what a refused profile was refused for', async () => {
    http.route(LOGIN, signedIn(false)).route(PROFILE, refused(400, 'zip'));
    expect(String(await attempt())).toMatch(/refuses the profile of a test user: .*HTTP 400 \(zip\)/);
  });

  it('goes nowhere that it may not go', async () => {
    http.route(LOGIN, { fail: { kind: 'not_allowed', atMs: 1 } });
    expect(await attempt()).toBeInstanceOf(TargetNotAllowedError);
  });
});
