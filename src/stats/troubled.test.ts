import { describe, expect, it } from 'vitest';
import { player, reported, session, times, WATCHED } from '../../test/support/measured.js';
import { Moments } from './moments.js';
import { troubleKindsOf } from './trouble-kinds.js';
import { MAX_NAMED, Troubled } from './troubled.js';

describe('Troubled', () => {
  it('names viewers whose time went wrong by the part that did, and no viewer that just watched', () => {
    const troubled = new Troubled();
    troubled.on(reported(player('hls', { ...WATCHED, stalledMs: 0, frozenMs: 0 }), 1), false);
    expect(troubled.take()).toBeUndefined();
    troubled.on(reported(player('hls', { ...WATCHED, stalledMs: 3 }), 2), false);
    troubled.on(reported(player('hls', { ...WATCHED, frozenMs: 3 }), 3), false);
    troubled.on(reported(player('hls', { ...WATCHED, missingFrames: 1 }), 4), false);
    troubled.on(reported(session({ kind: 'order_created', orderId: 'x' }), 5), true);
    troubled.on(reported(session({ kind: 'chat_echo_lost' }), 6), true);
    expect(troubled.of(troubleKindsOf('rebuffer_ratio'))).toEqual([2]);
    expect(troubled.of(troubleKindsOf('frozen_ratio'))).toEqual([3]);
    expect(troubled.of(troubleKindsOf('latency_p95_flv'))).toEqual([]);
    expect(troubled.take()).toEqual({ stalled: [2], frozen: [3], frames_missing: [4], chat_echo_lost: [6] });
    expect(troubled.take()).toBeUndefined();
  });

  it('names each viewer once, and the first twenty of a kind', () => {
    const troubled = new Troubled();
    for (let i = 0; i < 1000; i++) troubled.on(reported(session({ kind: 'chat_echo_lost' }), i >> 1), true);
    expect(troubled.take()).toEqual({ chat_echo_lost: times(MAX_NAMED, (i) => i) });
  });

  it('keeps a bounded number of kinds, whatever a file says', () => {
    const troubled = new Troubled();
    for (let i = 0; i < 10_000; i++) troubled.add(`kind ${i}`, 1);
    expect(Object.keys(troubled.take() ?? {})).toHaveLength(64);
  });
});

describe('viewers told to the worst moments', () => {
  it('are new ones only, twenty of a kind in ten seconds, over all threads', () => {
    const moments = new Moments();
    const at = { fromMs: 3000, toMs: 4000 };
    expect(moments.name(at, { api_call: [1, 2] })).toEqual({ fromMs: 0, vus: { api_call: [1, 2] } });
    expect(moments.name({ fromMs: 9000, toMs: 10_000 }, { api_call: [2, 1] })).toBeUndefined();
    expect(moments.name(at, { api_call: [2, 3], stalled: [1] })).toEqual({
      fromMs: 0,
      vus: { api_call: [3], stalled: [1] },
    });
    expect(moments.name(at, { api_call: times(30, (i) => 100 + i) })?.vus.api_call).toHaveLength(17);
    expect(moments.name({ fromMs: 10_000, toMs: 11_000 }, { api_call: [1] })).toMatchObject({
      fromMs: 10_000,
    });
  });
});
