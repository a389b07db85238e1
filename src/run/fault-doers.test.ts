import { describe, expect, test } from 'vitest';
import type { FaultAction, FaultStep, StageableAction } from '../scenarios/fault-step.js';
import { type FaultMeans, faultDoer, stageControl, whyNot } from './fault-doers.js';

/** What was asked of whom, in order; an answer may be an error. */
function rig(answers: Readonly<Record<string, unknown>> = {}, has = { stage: true, publisher: true }) {
  const done: string[] = [];
  const client = (whose: string) => ({
    async ask(method: string, path: string, body?: unknown): Promise<unknown> {
      done.push([whose, method, path, ...(body === undefined ? [] : [JSON.stringify(body)])].join(' '));
      const answer = answers[`${method} ${path}`];
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer() : answer;
    },
    urlOf: (path: string) => `http://127.0.0.1:9${path}`,
  });
  const means: FaultMeans = {
    ...(has.stage ? { stage: client('stage') } : {}),
    ...(has.publisher ? { publisher: client('publisher') } : {}),
    supervisor: {
      async arm(name, undo) {
        if (answers.arm instanceof Error) throw answers.arm;
        done.push(`arm ${name} ${JSON.stringify(undo)}`);
      },
      disarm: (name) => void done.push(`disarm ${name}`),
    },
    sleep: async (ms) => void done.push(`sleep ${ms}`),
  };
  const doer = (action: FaultAction, forMs = 5000) => {
    const step: FaultStep = {
      ...{ name: 'f', stage: 'hold', atMs: 0, breaks: 'other' },
      forMs,
      action,
      graceMs: 0,
    };
    return faultDoer(step, means);
  };
  return { done, doer };
}

const PLANTED = { 'POST /__stage/faults': { id: 7 } };
const ON_AIR = { 'GET /status': { state: 'on_air' } };

describe('a fault of the stage', () => {
  test('is planted with a span that mends it should nobody come, and taken back by its number', async () => {
    const { done, doer } = rig(PLANTED);
    const partition = doer({ on: 'network', do: 'partition' });
    await partition.begin();
    await partition.end();
    expect(done).toEqual([
      'stage POST /__stage/faults {"kind":"blackhole","forSeconds":10}',
      'stage DELETE /__stage/faults/7',
    ]);
  });

  test('of one moment has no span, and nothing to take back', async () => {
    const { done, doer } = rig(PLANTED);
    const reset = doer({ on: 'network', do: 'reset' }, 0);
    await reset.begin();
    await reset.end();
    expect(done).toEqual(['stage POST /__stage/faults {"kind":"reset-all"}']);
  });

  test('that was refused, or has no number, was not made, and is not taken back', async () => {
    const refused = rig({ 'POST /__stage/faults': new Error('the stage refused: HTTP 400') });
    const kill = refused.doer({ on: 'media', do: 'kill' });
    await expect(kill.begin()).rejects.toThrow('the stage refused: HTTP 400');
    await kill.end();
    expect(refused.done).toHaveLength(1);
    const silent = rig();
    await expect(silent.doer({ on: 'media', do: 'kill' }).begin()).rejects.toThrow('did not say which fault');
  });

  test('that cannot be taken back says so', async () => {
    const { doer } = rig({ ...PLANTED, 'DELETE /__stage/faults/7': new Error('cannot be reached') });
    const kill = doer({ on: 'media', do: 'kill' });
    await kill.begin();
    await expect(kill.end()).rejects.toThrow('cannot be reached');
  });

  test.each<[StageableAction, string, object]>([
    [{ on: 'network', do: 'partition' }, 'blackhole', {}],
    [{ on: 'network', do: 'reset' }, 'reset-all', {}],
    [{ on: 'publisher', do: 'stop' }, 'drop-publisher', {}],
    [{ on: 'publisher', do: 'pause' }, 'loss', {}],
    [{ on: 'media', do: 'kill' }, 'kill-media', {}],
    [{ on: 'stage', kind: 'slow-auth', parameters: { ms: 5 } }, 'slow-auth', { ms: 5 }],
  ])('%j is its control %s', (action, kind, parameters) => {
    expect(stageControl(action)).toMatchObject({ kind, parameters });
  });
});

describe('a fault of the publisher', () => {
  test('is done by the publisher itself where it can be reached, else by the stage', async () => {
    const stop: FaultAction = { on: 'publisher', do: 'stop' };
    const both = rig(PLANTED);
    await both.doer(stop).begin();
    expect(both.done).toEqual(['publisher POST /drop?s=10']);
    const alone = rig(PLANTED, { stage: true, publisher: false });
    await alone.doer(stop).begin();
    expect(alone.done).toEqual(['stage POST /__stage/faults {"kind":"drop-publisher","forSeconds":10}']);
  });

  test('a drop ends when the publisher is on air again', async () => {
    let asked = 0;
    const { done, doer } = rig({ 'GET /status': () => ({ state: ++asked < 3 ? 'connecting' : 'on_air' }) });
    const drop = doer({ on: 'publisher', do: 'stop' });
    await drop.begin();
    done.length = 0;
    await drop.end();
    const look = 'publisher GET /status';
    expect(done).toEqual(['publisher POST /resume', look, 'sleep 100', look, 'sleep 100', look]);
  });

  test('a drop that was refused is not resumed', async () => {
    const { done, doer } = rig({ 'POST /drop?s=10': new Error('the publisher refused: HTTP 409') });
    const drop = doer({ on: 'publisher', do: 'stop' });
    await expect(drop.begin()).rejects.toThrow('HTTP 409');
    await drop.end();
    expect(done).toEqual(['publisher POST /drop?s=10']);
  });

  test('one that does not come on air again was not mended', async () => {
    const { doer } = rig({ 'GET /status': { state: 'dropped' } });
    const drop = doer({ on: 'publisher', do: 'stop' });
    await drop.begin();
    await expect(drop.end()).rejects.toThrow('did not come on air again within 10 s');
  });

  test('a pause is armed before it begins, and disarmed when it was resumed: it would last for ever', async () => {
    const { done, doer } = rig(ON_AIR);
    const pause = doer({ on: 'publisher', do: 'pause' });
    await pause.begin();
    await pause.end();
    expect(done).toEqual([
      'arm f {"kind":"post","url":"http://127.0.0.1:9/resume"}',
      'publisher POST /pause',
      'publisher POST /resume',
      'disarm f',
      'publisher GET /status',
    ]);
  });

  test('a pause that cannot be resumed stays armed; one that nobody would undo is not begun', async () => {
    const stuck = rig({ 'POST /resume': new Error('cannot be reached') });
    const pause = stuck.doer({ on: 'publisher', do: 'pause' });
    await pause.begin();
    await expect(pause.end()).rejects.toThrow('cannot be reached');
    expect(stuck.done).not.toContain('disarm f');
    const alone = rig({ arm: new Error('nobody would undo it') });
    await expect(alone.doer({ on: 'publisher', do: 'pause' }).begin()).rejects.toThrow(
      'nobody would undo it',
    );
    expect(alone.done).toEqual([]);
  });
});

describe('a command', () => {
  const run = (command: string, undo?: string): FaultAction => {
    return { on: 'run', command, ...(undo === undefined ? {} : { undo }), timeLimitMs: 20_000 };
  };

  test('is armed with its undo, run, undone and disarmed, and what it says is told', async () => {
    const { done, doer } = rig();
    const fault = doer(run('echo broken', 'echo whole'));
    expect(await fault.begin()).toBe('exit code 0: broken');
    expect(await fault.end()).toBe('exit code 0: whole');
    expect(done).toEqual(['arm f {"kind":"command","command":"echo whole","timeLimitMs":20000}', 'disarm f']);
  });

  test('without an undo arms nothing and has nothing to mend', async () => {
    const { done, doer } = rig();
    const fault = doer(run('echo broken'));
    expect(await fault.begin()).toBe('exit code 0: broken');
    expect(await fault.end()).toBeUndefined();
    expect(done).toEqual([]);
  });

  test('that fails was not made; an undo that fails stays armed', async () => {
    const { done, doer } = rig();
    const fault = doer(run('echo no such container; exit 3', 'exit 4'));
    await expect(fault.begin()).rejects.toThrow('exit code 3: no such container');
    await expect(fault.end()).rejects.toThrow('undo: exit code 4');
    expect(done.some((line) => line.startsWith('disarm'))).toBe(false);
  });

  test('that nobody would undo is not run', async () => {
    const { doer } = rig({ arm: new Error('nobody would undo it') });
    await expect(doer(run('exit 3', 'true')).begin()).rejects.toThrow('nobody would undo it');
  });
});

test('without the means a fault says why it cannot be made, and has nothing to mend', async () => {
  const { doer } = rig({}, { stage: false, publisher: false });
  const actions: readonly StageableAction[] = [
    { on: 'network', do: 'partition' },
    { on: 'publisher', do: 'stop' },
    { on: 'media', do: 'kill' },
    { on: 'stage', kind: 'freeze', parameters: {} },
  ];
  for (const action of actions) {
    await expect(doer(action).begin()).rejects.toThrow(whyNot(action));
    expect(await doer(action).end()).toBeUndefined();
  }
  expect(new Set(actions.map(whyNot)).size).toBe(4);
});
