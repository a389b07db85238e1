import { expect, test } from 'vitest';
import { ArmedUndos, carryOutUndo } from './fault-undo.js';

test('what was armed and not disarmed is left, the last one first', () => {
  const armed = new ArmedUndos();
  const undo = { kind: 'post', url: 'http://127.0.0.1:1/resume' } as const;
  for (const name of ['a', 'b', 'c']) armed.take(JSON.stringify({ what: 'arm', name, undo }));
  armed.take(JSON.stringify({ what: 'disarm', name: 'b' }));
  armed.take('{"what":');
  expect(armed.rest()).toEqual([
    ['c', undo],
    ['a', undo],
  ]);
});

test('an undo says what came of it, and never rejects', async () => {
  expect(await carryOutUndo({ kind: 'command', command: 'echo up', timeLimitMs: 5000 })).toEqual({
    ok: true,
    detail: 'exit code 0: up',
  });
  expect(await carryOutUndo({ kind: 'post', url: 'http://127.0.0.1:1/resume' })).toEqual({
    ok: false,
    detail: 'cannot be reached',
  });
});
