import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, kpi, measured, runCli, runLoad, startCli, total } from './cli.js';
import { type StageProcess, startStage } from './stage.js';

const SECRET = 'a-secret-of-more-than-32-characters-0123456789';
/** Inherited by every command below, as a user would export it. */
const VARIABLE = 'DORAMI_TEST_JWT_SECRET';
const LOAD = ['--vus', '4', '--duration', '18s', '--rate', 'products=3s', '--rate', 'cart=3s'];

let folder: string;

beforeAll(() => {
  process.env[VARIABLE] = SECRET;
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-tokens-'));
});

afterAll(() => {
  delete process.env[VARIABLE];
  rmSync(folder, { recursive: true, force: true });
});

async function withStage<T>(args: readonly string[], work: (stage: StageProcess) => Promise<T>): Promise<T> {
  const stage = await startStage(args);
  try {
    return await work(stage);
  } finally {
    await stage.stop();
  }
}

/** Everything that a run left, as text. */
function traces({ runDir, stdout, stderr }: CliResult): string {
  const files =
    runDir === undefined ? [] : readdirSync(runDir).map((name) => readFileSync(join(runDir, name), 'utf8'));
  return [stdout, stderr, ...files].join('\n');
}

describe.concurrent('tokens that are shorter than the run', () => {
  test('are renewed by the viewers: nobody is lost, and no call counts as failed', async () => {
    // A stage of its own for each try: the refresh tokens of the one before are spent.
    const result = await measured(() =>
      withStage(['--token-ttl', '6s'], (stage) => runLoad([...stage.flags(), ...LOAD])),
    );
    expect(result.stderr).toMatch(/^preflight {2}✓ tokens/m);
    expect(total(result, 'token_refresh_count', 'ok')).toBeGreaterThanOrEqual(4);
    expect(total(result, 'api_outcome_count', 'renewed')).toBeGreaterThanOrEqual(2);
    expect(total(result, 'api_outcome_count', 'unauthorized')).toBe(0);
    expect([total(result, 'vu_lost_count'), kpi(result, 'api_success').status]).toEqual([0, 'pass']);
    expect(result.code, result.stderr).toBe(0);
    expect(traces(result)).not.toMatch(/eyJ/);
  }, 200_000);

  test('that the platform refuses to renew sign the viewers out: counted as that, never as a fault of the server', async () => {
    // A stage of its own for each try: the tokens of the one before have expired.
    const result = await measured(() =>
      withStage(['--token-ttl', '12s', '--fault', 'refuse-refresh'], (stage) =>
        runLoad([...stage.flags(), ...LOAD]),
      ),
    );
    expect(result.code, result.stderr).toBe(99);
    expect(total(result, 'token_refresh_count', 'refused')).toBe(4);
    expect(total(result, 'vu_lost_count', 'auth')).toBe(4);
    expect(total(result, 'api_outcome_count', 'server_fault')).toBe(0);
    expect(kpi(result, 'api_5xx_rate').status).toBe('pass');
    expect(result.stdout.replaceAll(/\s+/g, ' ')).toContain('refused to renew the token of 4 viewers');
  }, 200_000);

  test('that had expired before the run and are not renewed make it invalid: the file is spent, not the platform bad', async () => {
    await withStage(['--token-ttl', '1s', '--fault', 'refuse-refresh'], async (stage) => {
      const result = await runLoad([...stage.flags(), '--vus', '4', '--duration', '6s', '--no-preflight']);
      expect(result.code, result.stderr).toBe(111);
      expect(result.summary?.invalidReasons.map(({ code }) => code)).toContain('accounts_spent');
    });
  }, 60_000);

  test('without a refresh token are refused before the run: it would blame the platform', async () => {
    await withStage(['--token-ttl', '10s', '--users-count', '4'], async (stage) => {
      const users = join(folder, 'access-only.csv');
      const rows = readFileSync(stage.usersFile, 'utf8').trim().split('\n');
      writeFileSync(users, rows.map((row) => row.split(',').slice(0, 2).join(',')).join('\n'));
      const flags = ['--target', stage.origin, '--stream-key', stage.streamKey, '--users', users];
      const result = await runLoad([...flags, ...LOAD]);
      expect(result.code).toBe(113);
      expect(result.reason).toMatch(/4 of 4 users (end before the run|expired).*refreshToken/);
      expect(result.runDir).toBeUndefined();
    });
  }, 60_000);
});

describe.concurrent('--jwt-secret-env', () => {
  test('makes the tokens of users known by id only, and tells the secret to nobody', async () => {
    await withStage(['--jwt-secret-env', VARIABLE, '--users-count', '4'], async (stage) => {
      const users = join(folder, 'ids.csv');
      const rows = readFileSync(stage.usersFile, 'utf8').trim().split('\n');
      writeFileSync(users, rows.map((row) => row.split(',')[0]).join('\n'));
      const flags = ['--target', stage.origin, '--stream-key', stage.streamKey, '--users', users];
      const load = [...flags, '--vus', '4', '--duration', '10s', '--jwt-secret-env', VARIABLE];
      const result = await measured(() => runLoad(load));
      expect(result.code, result.stderr).toBe(0);
      expect(total(result, 'join_confirmed_count', 'chat')).toBe(4);
      expect(traces(result)).not.toContain(SECRET);
      expect(traces(result)).not.toMatch(/eyJ/);
    });
  }, 200_000);

  test('with the secret of another platform is refused in words', async () => {
    await withStage(['--users-count', '2'], async (stage) => {
      const flags = [...stage.flags(), '--vus', '2', '--duration', '10s', '--jwt-secret-env', VARIABLE];
      const result = await runLoad(flags);
      expect([result.code, result.runDir]).toEqual([113, undefined]);
      expect(result.reason).toMatch(/HTTP 401\): it was made with the secret in DORAMI_TEST_JWT_SECRET/);
      expect(traces(result)).not.toContain(SECRET);
    });
  }, 60_000);

  test('given the secret itself in place of a name does not repeat it', async () => {
    const secret = 'QWxsIG91ciBzZWNyZXRzIGFyZSBiZWxvbmcgdG8gbm9ib2R5';
    const result = await runCli(['run', '--jwt-secret-env', secret, '--print-config']);
    expect(result.code).toBe(104);
    expect(traces(result)).not.toContain(secret);
    expect(result.stderr).toMatch(/--jwt-secret-env: no such variable/);
  });
});

describe.concurrent('users create', () => {
  test('makes accounts that a run can use at once', async () => {
    await withStage([], async (stage) => {
      const out = join(folder, 'made.csv');
      const create = ['users', 'create', '--target', stage.origin, '--count', '4', '--out', out];
      const made = await runCli(create);
      expect(made.code, made.stderr).toBe(0);
      expect(made.stdout).toMatch(/^4 users in .*made\.csv, readable by you only/);
      expect(made.stdout + made.stderr).not.toMatch(/eyJ/);
      expect(statSync(out).mode & 0o777).toBe(0o600);
      const flags = ['--target', stage.origin, '--stream-key', stage.streamKey, '--users', out];
      const load = [...flags, '--vus', '4', '--duration', '12s', '--rate', 'cart=2s'];
      const result = await measured(() => runLoad(load));
      expect(result.code, result.stderr).toBe(0);
      expect(total(result, 'api_call_count', 'cart_get')).toBeGreaterThan(4);
      expect(total(result, 'api_outcome_count', 'unauthorized')).toBe(0);
      const again = await runCli(create);
      expect([again.code, again.reason]).toEqual([104, expect.stringMatching(/is there already .*--force/)]);
      expect((await runCli([...create, '--force'])).code).toBe(0);
    });
  }, 200_000);

  test('stopped midway goes on where it was', async () => {
    await withStage(['--fault', 'slow:ms=200'], async (stage) => {
      const out = join(folder, 'stopped.csv');
      const create = ['users', 'create', '--target', stage.origin, '--count', '40', '--out', out];
      const running = startCli(create);
      await running.says(/users: [1-9]\d* of 40/);
      running.signal('SIGINT');
      const stopped = await running.done;
      expect(stopped.code, stopped.stderr).toBe(105);
      expect(stopped.reason).toMatch(/stopped by SIGINT: \d+ of 40 users are kept in .*goes on from there/);
      expect(existsSync(out)).toBe(false);
      const done = await runCli(create);
      expect(done.code, done.stderr).toBe(0);
      expect(done.stderr).toMatch(/users: [1-9]\d* of 40 are there from before/);
      const ids = readFileSync(out, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => row.split(',')[0]);
      expect(new Set(ids).size).toBe(40);
      // The tests beside this one keep theirs in the same folder.
      const parts = readdirSync(folder).filter((name) => name.includes('stopped') && name.includes('.part'));
      expect(parts).toEqual([]);
    });
  }, 90_000);

  test('waits for limits to let it through, and says why a production platform never does', async () => {
    await withStage(['--fault', 'http-503:for=4'], async (stage) => {
      const create = ['users', 'create', '--target', stage.origin, '--count', '6', '--out'];
      const limited = await runCli([...create, join(folder, 'limited.csv')]);
      expect(limited.code, limited.stderr).toBe(0);
      await stage.plant({ kind: 'refuse-dev-login' });
      const refused = await runCli([...create, join(folder, 'refused.csv')]);
      expect(refused.code).toBe(113);
      expect(refused.reason).toMatch(/refuses the test login \(HTTP 403\).*ENABLE_DEV_AUTH.*production/);
    });
  }, 90_000);

  test('asks nobody off this machine who is not named', async () => {
    const result = await runCli(['users', 'create', '--target', 'https://live.example.com']);
    expect([result.code, result.reason]).toEqual([
      104,
      expect.stringMatching(/--allow-target live\.example\.com/),
    ]);
  });
});
