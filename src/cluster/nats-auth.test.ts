import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseNatsAuth, readNatsAuth } from './nats-auth.js';

const SEED = `SU${'A'.repeat(56)}`;
const CREDS = `-----BEGIN NATS USER JWT-----
eyJ0.eyJx.c2ln
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${SEED}
------END USER NKEY SEED------`;

async function file(text: string, mode = 0o600): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'nats-auth-')), 'box.auth');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

test('credentials are a creds file, the seed of an NKEY, a user with a password, or a token', async () => {
  expect(await readNatsAuth(await file(`agent:p:w\n`))).toEqual({
    kind: 'user',
    user: 'agent',
    password: 'p:w',
  });
  expect(parseNatsAuth('token:t0ken')).toEqual({ kind: 'token', token: 't0ken' });
  expect(parseNatsAuth(SEED)).toEqual({ kind: 'nkey', seed: SEED });
  expect(parseNatsAuth(CREDS)).toEqual({ kind: 'creds', text: CREDS });
});

test.each(['', 'agent', ':password', 'agent:', 'two lines:of\ntext', SEED.slice(1), `SA${'A'.repeat(56)}`])(
  'what is none of them is refused without being quoted: %j',
  async (text) => {
    const failed = readNatsAuth(await file(text));
    await expect(failed).rejects.toThrow('no credentials');
    if (text.length > 2) await expect(failed).rejects.not.toThrow(text);
  },
);

test('a file that others may read, that is not there, or that is far too long is refused', async () => {
  await expect(readNatsAuth(await file('agent:pw', 0o640))).rejects.toThrow('chmod 600');
  await expect(readNatsAuth('/nowhere/box.auth')).rejects.toThrow(
    '/nowhere/box.auth: cannot be read (ENOENT)',
  );
  await expect(readNatsAuth(await file(`a:${'b'.repeat(70_000)}`))).rejects.toThrow('too long');
});
