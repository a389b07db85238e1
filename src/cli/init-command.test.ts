import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTemplate } from './init-command.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('init', () => {
  it('writes dorami-load.yaml, with an address of the schema that leads to it', () => {
    expect(writeTemplate({}, [], folder)).toBe('dorami-load.yaml');
    const text = readFileSync(join(folder, 'dorami-load.yaml'), 'utf8');
    const schema = /\$schema=(\S+)/.exec(text)?.[1] ?? '';
    expect(JSON.parse(readFileSync(fileURLToPath(schema), 'utf8'))).toMatchObject({ type: 'object' });
  });

  it('leaves an existing file alone', () => {
    writeFileSync(join(folder, 'dorami-load.yaml'), 'mine');
    expect(() => writeTemplate({}, [], folder)).toThrow('--out: is there already (seen dorami-load.yaml');
    expect(readFileSync(join(folder, 'dorami-load.yaml'), 'utf8')).toBe('mine');
  });

  it('writes where it is told, and only YAML', () => {
    expect(writeTemplate({ out: 'my.yml' }, [], folder)).toBe('my.yml');
    expect(existsSync(join(folder, 'my.yml'))).toBe(true);
    expect(() => writeTemplate({ out: 'my.json' }, [], folder)).toThrow('--out: not a YAML file');
    expect(() => writeTemplate({ out: 'no/such/x.yaml' }, [], folder)).toThrow('cannot be written: ENOENT');
    expect(existsSync(join(folder, 'my.json'))).toBe(false);
  });
});
