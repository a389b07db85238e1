/** Sign-in as far as a load generator meets it: test login, profile, refresh (contract 2). */
import type { Accounts, UserRow } from './accounts.js';
import { bodyField, type RestAnswer, type RestCall, RestError, type RestRoute, userOf } from './rest-call.js';

/** Faults that strike the sign-in. */
export interface AccountRefusals {
  readonly refresh: () => boolean;
  readonly devLogin: () => boolean;
}

/** What a profile must have, beside an optional second line of the address and a phone number. */
const PROFILE_FIELDS = [
  ...['email', 'depositorName', 'instagramId', 'fullName', 'address1', 'city', 'state', 'zip'],
] as const;
const OPTIONAL_PROFILE_FIELDS: readonly string[] = ['address2', 'kakaoPhone'];
const REFRESH_TTL_S = 7 * 86_400;

export function accountRoutes(accounts: Accounts, refuses: AccountRefusals): RestRoute[] {
  const me = (call: RestCall): RestAnswer => {
    const user = userOf(call);
    const { userId, email, name } = user;
    const profileComplete = accounts.isComplete(user);
    const data = { id: userId, userId, email, name, role: 'USER', profileComplete, status: 'ACTIVE' };
    return { status: 200, data };
  };
  const open = { access: 'public', csrfExempt: true, ignoresToken: true } as const;
  const newcomers = { access: 'user', allowsIncomplete: true, throttle: 'no-short' } as const;
  return [
    { ...newcomers, method: 'GET', pattern: '/users/me', answer: me },
    { method: 'GET', pattern: '/auth/me', access: 'user', answer: me },
    {
      ...{ ...open, method: 'POST', pattern: '/auth/dev-login' },
      answer: (call) => devLogin(accounts, refuses, call),
    },
    {
      ...{ ...open, method: 'POST', pattern: '/auth/refresh', throttle: 'none' },
      answer: (call) => refresh(accounts, refuses, call),
    },
    {
      ...{ ...newcomers, method: 'POST', pattern: '/users/complete-profile' },
      answer: (call) => completeProfile(accounts, call, me),
    },
    { ...open, method: 'GET', pattern: '/csrf', answer: () => ({ status: 200, raw: { success: true } }) },
    { ...open, method: 'GET', pattern: '/config', answer: () => ({ status: 200, raw: { cdnUrl: '' } }) },
  ];
}

function devLogin(accounts: Accounts, refuses: AccountRefusals, call: RestCall): RestAnswer {
  if (refuses.devLogin()) throw new RestError(403, 'Dev login is disabled', 'FORBIDDEN');
  const email = bodyField(call, 'email');
  const extra = unknownFields(call, ['email', 'name']);
  if (typeof email !== 'string' || !email.includes('@') || extra) {
    throw new RestError(400, 'Validation failed');
  }
  const { user, row } = accounts.login(email);
  const data = {
    message: 'Login successful',
    user: { id: user.userId, email, name: user.name, role: 'USER' },
  };
  return { status: 201, data, setCookies: tokenCookies(accounts, row) };
}

function refresh(accounts: Accounts, refuses: AccountRefusals, call: RestCall): RestAnswer {
  const token = call.cookies.get('refreshToken');
  if (token === undefined) throw new RestError(401, 'Refresh token not found', 'NO_REFRESH_TOKEN');
  const row = refuses.refresh() ? undefined : accounts.refresh(token);
  if (row === undefined) throw new RestError(401, 'Token refresh failed', 'TOKEN_REFRESH_FAILED');
  return { status: 201, data: { message: 'Token refreshed' }, setCookies: tokenCookies(accounts, row) };
}

function completeProfile(accounts: Accounts, call: RestCall, me: (call: RestCall) => RestAnswer): RestAnswer {
  const missing = PROFILE_FIELDS.some((name) => {
    const value = bodyField(call, name);
    return typeof value !== 'string' || value === '';
  });
  if (missing || unknownFields(call, [...PROFILE_FIELDS, ...OPTIONAL_PROFILE_FIELDS])) {
    throw new RestError(400, 'Validation failed');
  }
  accounts.completeProfile(userOf(call));
  return me(call);
}

/** Fields that the platform does not know are an error there. */
function unknownFields({ body }: RestCall, known: readonly string[]): boolean {
  return Object.keys((body ?? {}) as object).some((name) => !known.includes(name));
}

function tokenCookies(accounts: Accounts, row: UserRow): string[] {
  const cookie = (name: string, value: string, maxAgeS: number): string =>
    `${name}=${value}; Max-Age=${maxAgeS}; Path=/; HttpOnly; SameSite=Lax`;
  return [
    cookie('accessToken', row.accessToken, accounts.accessTtlS),
    cookie('refreshToken', row.refreshToken, REFRESH_TTL_S),
  ];
}
