import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { ConfigError } from '../errors.js';
import { FaultBoard } from './fault-board.js';
import { parseFaultFlag, toFaultSpec } from './fault-spec.js';

describe('a fault on the command line', () => {
  it('has a kind, a moment, a length and parameters', () => {
    expect(parseFaultFlag('freeze:at=20,for=2.5')).toEqual({
      ...{ kind: 'freeze', atSeconds: 20, forSeconds: 2.5, parameters: {} },
    });
    expect(parseFaultFlag('mute-chat')).toEqual({ kind: 'mute-chat', atSeconds: 0, parameters: {} });
    expect(parseFaultFlag('no-ready:namespace=/chat')).toMatchObject({ parameters: { namespace: '/chat' } });
    expect(parseFaultFlag('slow:ms=250').parameters).toEqual({ ms: 250 });
  });

  it.each([
    '',
    'melt',
    'freeze',
    'freeze:for',
    'freeze:for=x',
    'freeze:for=-1',
    'gap:at=2',
    'toString:for=1',
    'slow:seconds=2',
    'mute-chat:path=/api',
    'cap-sockets',
    'cap-sockets:count=many',
    'cap-api:rate=-1',
    'starve:share=0.5',
  ])('that makes no sense is refused: %j', (text) => {
    expect(() => parseFaultFlag(text)).toThrow(ConfigError);
  });

  it('names the parameters that there are', () => {
    expect(() => parseFaultFlag('slow:mss=250')).toThrow(
      /slow has no such parameter.*mss.*at, for, ms, path/,
    );
  });

  it('takes no parameter that is neither text nor number', () => {
    expect(() => toFaultSpec({ kind: 'slow', ms: {} })).toThrow(ConfigError);
  });
});

describe('the fault board', () => {
  it('begins and ends a fault in time and remembers when', () => {
    const clock = new VirtualClock({ startEpochMs: 0 });
    const board = new FaultBoard(clock);
    const log: string[] = [];
    board.act('slow', {
      begin: () => log.push(`begin ${clock.nowMs()}`),
      end: () => log.push(`end ${clock.nowMs()}`),
    });
    const record = board.plant({ kind: 'slow', atSeconds: 5, forSeconds: 2, parameters: {} });
    clock.advance(4999);
    expect(board.active('slow')).toBeUndefined();
    clock.advance(1);
    expect(board.active('slow')).toBe(record);
    clock.advance(60_000);
    expect(board.active('slow')).toBeUndefined();
    expect(log).toEqual(['begin 5000', 'end 7000']);
    expect(record).toMatchObject({ plannedEpochMs: 5000, startedEpochMs: 5000, endedEpochMs: 7000 });
    expect(clock.pending).toBe(0);
  });

  it('lifts one kind or all, once each, and what has not begun never acts', () => {
    const clock = new VirtualClock();
    const board = new FaultBoard(clock);
    const log: string[] = [];
    for (const kind of ['slow', 'mute-chat', 'http-429'] as const) {
      board.act(kind, { begin: () => log.push(`${kind} begins`), end: () => log.push(`${kind} ends`) });
    }
    board.plant({ kind: 'slow', atSeconds: 0, parameters: {} });
    board.plant({ kind: 'mute-chat', atSeconds: 0, forSeconds: 9, parameters: {} });
    board.plant({ kind: 'http-429', atSeconds: 9, parameters: {} });
    expect([board.lift('slow'), board.lift('slow'), board.lift()]).toEqual([1, 0, 2]);
    clock.advance(60_000);
    expect(log).toEqual(['slow begins', 'mute-chat begins', 'slow ends', 'mute-chat ends']);
  });

  it('ends at once what happens only once', () => {
    const board = new FaultBoard(new VirtualClock());
    const record = board.plant({ kind: 'lose-context', atSeconds: 0, parameters: {} });
    expect(record.endedEpochMs).toBe(record.startedEpochMs);
    expect(board.active('lose-context')).toBeUndefined();
  });

  it('does not remember more than a thousand', () => {
    const board = new FaultBoard(new VirtualClock());
    for (let index = 0; index < 1500; index++) board.plant({ kind: 'jump', atSeconds: 0, parameters: {} });
    expect(board.records).toHaveLength(1000);
  });
});
