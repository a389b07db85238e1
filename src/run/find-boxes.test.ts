import { expect, test } from 'vitest';
import { type Hello, writeWire } from '../cluster/agent-messages.js';
import type { Target } from '../target.js';
import { findBoxes } from './find-boxes.js';

const TARGET = Object.fromEntries(
  ['apiUrl', 'socketUrl', 'flvUrl', 'hlsUrl'].map((name) => [name, 'https://10.0.0.7/x']),
) as unknown as Target;

function hello(id: string, facts: Partial<Hello['facts']> = {}, run?: string): Uint8Array {
  const all = { id, version: '1', nodeVersion: 'v20', hostname: 'h1', cores: 2, memoryBytes: 1e9 };
  return writeWire({
    ...{ kind: 'hello', epoch: `e-${id}`, publicKey: 'AAAA' },
    facts: { ...all, workers: 2, weight: 2, allowTargets: ['10.0.0.7'], ...facts },
    ...(run === undefined ? {} : { run }),
  });
}

/** Boxes answer from the second of their number on; each question takes its second. */
function world(
  answers: (atS: number) => readonly Uint8Array[],
  setting: { least: number; exactly?: number; waitMs: number },
  stageHost?: string,
) {
  let nowMs = 0;
  const said: string[] = [];
  const found = findBoxes({
    link: {
      askAll: async (_subject, _payload, waitMs) => {
        const all = answers(Math.floor(nowMs / 1000));
        nowMs += waitMs;
        return all;
      },
    },
    ...{ setting, version: '1', target: TARGET, stageHost },
    nowMs: () => nowMs,
    wait: async (ms) => {
      nowMs += ms;
    },
    say: (line) => said.push(line),
  }).then((hellos) => hellos.map(({ facts }) => facts.id));
  return { found, said, nowMs: () => nowMs };
}

test('with an exact number the run goes on as soon as they are there, with no more of them', async () => {
  const w = world((s) => ['c', 'a', 'b'].slice(0, s).map((id) => hello(id)), {
    ...{ least: 2, exactly: 2, waitMs: 60_000 },
  });
  expect(await w.found).toEqual(['a', 'c']);
  expect(w.nowMs()).toBe(3000);
  expect(w.said).toEqual(['boxes: 1 of 2 there (c)', 'boxes: 2 of 2 there (a, c)']);
});

test('with a least number the whole wait is waited for, and all who are there then are taken', async () => {
  const w = world((s) => (s >= 2 ? ['a', 'b', 'c'] : ['a', 'b']).map((id) => hello(id)), {
    ...{ least: 2, waitMs: 3000 },
  });
  expect(await w.found).toEqual(['a', 'b', 'c']);
  expect(w.nowMs()).toBeGreaterThanOrEqual(3000);
});

test('too few end the wait with the reasons of those that were there, each said once', async () => {
  const w = world(
    () => [
      hello('good'),
      hello('old', { version: '0.9' }),
      hello('busy', {}, 'run7'),
      hello('shut', { allowTargets: ['10.0.0.8'] }),
      hello('odd', { allowTargets: ['http://['] }),
      new TextEncoder().encode('{"kind":"hello"'),
    ],
    { least: 2, exactly: 2, waitMs: 5000 },
  );
  await expect(w.found).rejects.toThrow(/^1 of 2 load boxes were there after 5 s; /);
  expect(w.nowMs()).toBeLessThanOrEqual(7000);
  const reasons = w.said.filter((line) => line.startsWith('box '));
  expect(reasons.sort()).toEqual([
    'box busy is there and cannot be used: it serves the run run7',
    expect.stringContaining('box odd is there and cannot be used: '),
    'box old is there and cannot be used: it runs dorami-load 0.9, this is 1',
    'box shut is there and cannot be used: it may not load 10.0.0.7 (its --allow-target)',
  ]);
});

test('a box that could not be used is taken when its reason is gone; the own stage takes those of its machine', async () => {
  const w = world((s) => [hello('a', {}, s < 2 ? 'run7' : undefined)], {
    ...{ least: 1, exactly: 1, waitMs: 9000 },
  });
  expect(await w.found).toEqual(['a']);
  const stage = world(
    () => [hello('a'), hello('b', { hostname: 'h2' })],
    { least: 2, exactly: 2, waitMs: 0 },
    'h1',
  );
  await expect(stage.found).rejects.toThrow("the run's own stage is on h1");
});
