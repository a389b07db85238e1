import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordOf } from '../../test/support/run-record.js';
import { dashboardCommand } from './dashboard-command.js';
import { RUN_FILES } from './run-folder.js';
import type { CollectRecord, RunRecord } from './run-record.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The limit that the chart of the page has, of the dashboard of a run that was over. */
async function limitOf(id: string, record: Partial<RunRecord>): Promise<unknown> {
  writeFileSync(join(folder, RUN_FILES.run), JSON.stringify({ ...recordOf(), ...record }));
  writeFileSync(join(folder, RUN_FILES.ticks), '');
  writeFileSync(join(folder, RUN_FILES.events), '{"kind":"run_ended","atMs":60000,"counts":{}}\n');
  const signals = Object.assign(new EventEmitter(), { exit: (): never => expect.fail('stopped twice') });
  let served: (url: string) => void = () => {};
  const url = new Promise<string>((resolve) => {
    served = resolve;
  });
  const output = {
    result: () => {},
    line: (text: string) => served(/http:\S+/.exec(text)?.[0] ?? ''),
  };
  const ended = dashboardCommand(folder, { port: '0' }, [], { output, signals });
  const page = await (await fetch(await url)).text();
  signals.emit('SIGINT', 'SIGINT');
  expect(await ended).toEqual({ exitCode: 0 });
  return new RegExp(`"id":"${id}"[^{}]*"limit":([^,]+),`).exec(page)?.[1];
}

test('the dashboard of a finished run goes by the bounds that were watched in it', async () => {
  const alerts = { 'container-cpu': { bound: 41 }, 'container-memory': 'off' };
  const collect = { file: 'sources.yaml', intervalMs: 1000, config: { alerts } } as unknown as CollectRecord;
  expect(await limitOf('cpu', { collect })).toBe('41');
  expect(await limitOf('memory', { collect })).toBe('null');
  expect(await limitOf('cpu', {})).toBe('75');
});
