import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PREFIX = 'dorami-test-';

/**
 * All temporary folders of a test run lie in one, which goes with it: a run leaves a machine as it found it.
 * `DORAMI_TEST_KEEP=1` keeps it, to look at what a failed test left behind.
 */
export function setup(): () => void {
  const before = process.env.TMPDIR;
  // Each project of the configuration comes by here. One folder is for all: paths of sockets must stay short.
  if (before !== undefined && basename(before).startsWith(PREFIX)) return () => {};
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  // PostgreSQL runs as a user of its own and has a folder in it.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    if (process.env.DORAMI_TEST_KEEP === '1') console.log(`kept ${folder}`);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
