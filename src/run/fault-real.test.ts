import { expect, test } from 'vitest';
import type { Undone } from '../faults/carry-out.js';
import type { Change } from '../faults/change.js';
import type { RealAction } from '../scenarios/real-fault.js';
import { realFaultDoer } from './fault-real.js';

const LINK: Change = { kind: 'link-down', interface: 'eth1', addresses: [], routes: [] };
const KILL: Change = { kind: 'process-killed', pidof: 'x', processes: [{ pid: 7, startTicks: 1 }] };
const ACTION: RealAction = { on: 'network', do: 'link-down', interface: 'eth1' };

interface Breaks {
  readonly prepare?: Error;
  readonly add?: Error;
  readonly arm?: Error;
  readonly make?: Error;
  readonly undo?: Undone;
}

function rig(change: Change, breaks: Breaks = {}) {
  const done: string[] = [];
  const fails = (what: keyof Breaks): void => {
    const error = breaks[what];
    if (error instanceof Error) throw error;
    done.push(what);
  };
  const doer = realFaultDoer({
    ...{ name: 'f', forMs: 10_000, action: ACTION },
    world: { targetHosts: [] },
    journal: {
      add: async () => {
        fails('add');
        return { path: '/j', id: 3 };
      },
      undone: async ({ id }, by) => void done.push(`undone ${id} ${by}`),
    },
    supervisor: {
      arm: async (_name, _undo, withinMs) => {
        fails('arm');
        done.push(`within ${withinMs}`);
      },
      disarm: () => void done.push('disarm'),
    },
    hands: {
      prepare: async () => {
        fails('prepare');
        return change;
      },
      make: async () => fails('make'),
      undo: async () => {
        done.push('undo');
        return breaks.undo ?? { state: 'undone', detail: 'undone' };
      },
    },
  });
  return { done, doer };
}

test('a fault of this machine is looked at, written down, given to the supervisor, and only then made', async () => {
  const { doer, done } = rig(LINK);
  expect(await doer.begin()).toBe('link eth1 is down');
  expect(done).toEqual(['prepare', 'add', 'arm', 'within 15000', 'make']);
  expect(await doer.end()).toBe('undone');
  expect(done.slice(5)).toEqual(['undo', 'disarm', 'undone 3 run']);
});

test('one that cannot be written down, or that nobody would undo, is not made', async () => {
  const unwritten = rig(LINK, { add: new Error('disk full') });
  await expect(unwritten.doer.begin()).rejects.toThrow('disk full');
  expect(await unwritten.doer.end()).toBeUndefined();
  expect(unwritten.done).toEqual(['prepare']);
  const alone = rig(LINK, { arm: new Error('nobody') });
  await expect(alone.doer.begin()).rejects.toThrow('nobody');
  await alone.doer.end();
  expect(alone.done).toEqual(['prepare', 'add', 'undo', 'disarm', 'undone 3 run']);
});

test('one that was made halfway is undone', async () => {
  const half = rig(LINK, { make: new Error('iptables: no'), undo: { state: 'gone', detail: 'not there' } });
  await expect(half.doer.begin()).rejects.toThrow('iptables: no');
  expect(await half.doer.end()).toBe('not there');
  expect(half.done.at(-1)).toBe('undone 3 run');
});

test('one that could not be undone stays armed and written down', async () => {
  const stuck = rig(LINK, { undo: { state: 'failed', detail: 'ip: no' } });
  await stuck.doer.begin();
  await expect(stuck.doer.end()).rejects.toThrow('link eth1 is down: ip: no');
  expect(stuck.done).not.toContain('disarm');
  expect(stuck.done).not.toContain('undone 3 run');
});

test('one that somebody took away was not the fault that was asked for; a kill may be over by itself', async () => {
  const gone: Undone = { state: 'gone', detail: 'it was not there any more' };
  const taken = rig(LINK, { undo: gone });
  await taken.doer.begin();
  await expect(taken.doer.end()).rejects.toThrow('somebody else took it away before its time');
  expect(taken.done.slice(-2)).toEqual(['disarm', 'undone 3 run']);
  const restarted = rig(KILL, { undo: gone });
  await restarted.doer.begin();
  expect(await restarted.doer.end()).toBe('it was not there any more');
});
