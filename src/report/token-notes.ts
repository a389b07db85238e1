import type { View } from '../stats/view.js';

/**
 * What became of sign-ins that could not be renewed, in words: a cause that stands behind failed calls and lost
 * viewers, and often the operator's own. Empty when all went well.
 */
export function tokenNotes(view: View): string[] {
  const { refused = 0, no_token: none = 0, failed = 0 } = view.byLabel('token_refresh_count');
  const notes: string[] = [];
  if (refused > 0)
    notes.push(`the platform refused to renew the token of ${viewers(refused)}: they were signed out`);
  if (none > 0)
    notes.push(
      `${viewers(none)} got a 401 and had no refresh token to ask with: they were signed out (--users with refreshToken, or --jwt-secret-env)`,
    );
  if (failed > 0) notes.push(`${failed} ${failed === 1 ? 'try' : 'tries'} to renew a token failed`);
  return notes;
}

function viewers(count: number): string {
  return count === 1 ? '1 viewer' : `${count} viewers`;
}
