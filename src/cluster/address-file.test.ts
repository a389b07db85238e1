import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeAddressFile } from './address-file.js';

const URL_WITH_PASSWORD = 'nats://agent:pass-word-1@127.0.0.1:4222';
const place = () => join(mkdtempSync(join(tmpdir(), 'dorami-address-')), 'agents.url');

test('the address is there for its owner alone, and goes with the run', async () => {
  const file = place();
  const written = await writeAddressFile(file, URL_WITH_PASSWORD);
  expect(readFileSync(file, 'utf8')).toBe(`${URL_WITH_PASSWORD}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(file, '..'))).toEqual(['agents.url']);
  await written.remove();
  expect(existsSync(file)).toBe(false);
  await written.remove();
});

test('what a killed run left is replaced, even where others could read it', async () => {
  const file = place();
  writeFileSync(file, 'tls://agent:old@10.0.0.5:4222\n');
  chmodSync(file, 0o644);
  await writeAddressFile(file, URL_WITH_PASSWORD);
  expect(readFileSync(file, 'utf8')).toBe(`${URL_WITH_PASSWORD}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('the address of a later run stays when the earlier one ends', async () => {
  const file = place();
  const earlier = await writeAddressFile(file, URL_WITH_PASSWORD);
  const later = await writeAddressFile(file, 'nats://agent:other@127.0.0.1:4223');
  await earlier.remove();
  expect(readFileSync(file, 'utf8')).toContain('other@');
  await later.remove();
  expect(existsSync(file)).toBe(false);
});

test('nothing else is written over', async () => {
  const users = place();
  writeFileSync(users, 'id,email\n1,a@example.com\n');
  const folder = place();
  mkdirSync(folder);
  const link = place();
  symlinkSync(users, link);
  const big = place();
  writeFileSync(big, `nats://${'x'.repeat(5000)}`);
  for (const file of [users, folder, link, big])
    await expect(writeAddressFile(file, URL_WITH_PASSWORD), file).rejects.toMatchObject({
      code: 'refused',
      message: `the address for agents: ${file} is there, and is no address of a broker`,
    });
  expect(readFileSync(users, 'utf8')).toBe('id,email\n1,a@example.com\n');
});

test('a folder that is not there is said, without the password', async () => {
  const file = join(place(), 'no', 'such', 'agents.url');
  await expect(writeAddressFile(file, URL_WITH_PASSWORD)).rejects.toThrow(
    `the address for agents: ${file} cannot be written (ENOENT)`,
  );
});
