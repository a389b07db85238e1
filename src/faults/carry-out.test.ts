import { expect, test } from 'vitest';
import { makeChange, seeChange, undoChange } from './carry-out.js';
import type { Change } from './change.js';
import type { RunTool } from './run-tool.js';

const LINK: Change = {
  kind: 'link-down',
  interface: 'eth1',
  addresses: [],
  routes: [['4', 'default', 'via', '10.0.0.1']],
};

/** A machine with one link; calls that match `breaks` fail. */
function machine(up: boolean, breaks: RegExp = /^$/) {
  const done: string[] = [];
  const state = { up };
  const run: RunTool = async (argv) => {
    const call = argv.join(' ');
    done.push(call);
    if (breaks.test(call)) return { ok: false, stdout: '', problem: 'ip: no' };
    if (call.endsWith(' up')) state.up = true;
    if (call.endsWith(' down')) state.up = false;
    return { ok: true, stdout: JSON.stringify([{ flags: state.up ? ['UP'] : [] }]), problem: '' };
  };
  return { done, run, state };
}

test('a change is made step by step, and ends with the first that fails', async () => {
  const well = machine(true);
  await makeChange(LINK, well.run);
  expect([well.done, well.state.up]).toEqual([['ip link set dev eth1 down'], false]);
  await expect(makeChange(LINK, machine(true, /down$/).run)).rejects.toThrow('ip: no');
});

test('an undo looks, undoes, and looks again', async () => {
  const { run, done } = machine(false);
  expect(await undoChange(LINK, run)).toEqual({ state: 'undone', detail: 'undone' });
  expect(done).toEqual([
    'ip -j link show dev eth1',
    'ip link set dev eth1 up',
    'ip -4 route replace default via 10.0.0.1 dev eth1',
    'ip -j link show dev eth1',
  ]);
});

test('a second undo finds nothing to do, and does nothing', async () => {
  const { run, done } = machine(true);
  expect(await undoChange(LINK, run)).toMatchObject({ state: 'gone' });
  expect(done).toEqual(['ip -j link show dev eth1']);
});

test('an undo that could not be done, had no effect or cannot be seen has failed', async () => {
  expect(await undoChange(LINK, machine(false, /route/).run)).toEqual({ state: 'failed', detail: 'ip: no' });
  const idle: RunTool = async () => ({ ok: true, stdout: '[{"flags":[]}]', problem: '' });
  expect(await undoChange(LINK, idle)).toEqual({ state: 'failed', detail: 'it is still there' });
  const blind = machine(false, /show/);
  expect(await undoChange(LINK, blind.run)).toMatchObject({ state: 'failed' });
  expect(blind.done).toHaveLength(1);
  expect(await seeChange(LINK, blind.run)).toEqual({ unseen: 'ip: no' });
});
