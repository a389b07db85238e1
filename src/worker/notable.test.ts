import { describe, expect, it } from 'vitest';
import type { ViewerEvent } from '../events.js';
import { NotableEvents } from './notable.js';

const report = (event: ViewerEvent) => ({ vuId: 3, joinProtocol: 'flv' as const, event });

describe('NotableEvents', () => {
  it('picks what went wrong and says what in codes', () => {
    const notable = new NotableEvents();
    expect(
      notable.pick(
        report({ kind: 'start_failed', atMs: 5, protocol: 'hls', reason: 'http_status', status: 404 }),
      ),
    ).toEqual({
      kind: 'notable',
      what: 'start_failed',
      atMs: 5,
      vu: 3,
      detail: 'hls http_status 404',
    });
    expect(
      notable.pick(report({ kind: 'socket_failed', atMs: 6, namespace: '/chat', reason: 'ready_timeout' })),
    ).toMatchObject({
      detail: '/chat ready_timeout',
    });
  });

  it('leaves alone what is ordinary', () => {
    const notable = new NotableEvents();
    expect(notable.pick(report({ kind: 'vu_started', atMs: 5 }))).toBeUndefined();
    const call = {
      kind: 'api_call',
      atMs: 5,
      call: 'products',
      write: false,
      durationMs: 3,
      sinceDueMs: 3,
    } as const;
    expect(notable.pick(report({ ...call, outcome: 'ok' }))).toBeUndefined();
    expect(notable.pick(report({ ...call, outcome: 'throttled', status: 429 }))?.detail).toBe(
      'products throttled 429',
    );
  });

  it('names every order, far beyond the measure of other kinds, and not without end', () => {
    const notable = new NotableEvents();
    const order = (i: number) => report({ kind: 'order_created', atMs: i, orderId: `ORD-${i}` });
    const sent = Array.from({ length: 10_500 }, (_, i) => notable.pick(order(i))).filter(Boolean);
    expect(sent).toHaveLength(10_000);
    expect(sent[0]?.detail).toBe('ORD-0');
  });

  it('sends a bounded number of each kind', () => {
    const notable = new NotableEvents();
    const sent = Array.from({ length: 1000 }, (_, i) =>
      notable.pick(report({ kind: 'chat_echo_lost', atMs: i })),
    ).filter(Boolean);
    expect(sent).toHaveLength(100);
    expect(notable.pick(report({ kind: 'socket_gave_up', atMs: 1 }))).toBeDefined();
  });
});
