import { describe, expect, it } from 'vitest';
import { recorderOf } from '../../test/support/measured.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { FromWorker } from '../protocol.js';
import type { Tick } from '../stats/tick.js';
import { Troubled } from '../stats/troubled.js';
import { startTicker } from './ticker.js';

class SteppedClock extends VirtualClock {
  jumpMs = 0;
  clockJumpMs(): number {
    return this.jumpMs;
  }
}

function setup(startMs = 0) {
  const clock = new SteppedClock({ startMs });
  const ticks: Tick[] = [];
  const sent: FromWorker[] = [];
  const troubled = new Troubled();
  const facts = {
    failures: 0,
    census: {
      ...{ active: 5, joined: 4, watching: 3, connected: 4, rebuffering: 2, frozen: 1 },
      sessions: { '/': 5, '/chat': 3, '/streaming': 4 },
    },
  };
  const ticker = startTicker({
    clock,
    recorder: recorderOf(),
    viewers: { census: () => facts.census },
    troubled,
    localFailures: () => facts.failures,
    reportsProcess: true,
    post(message: FromWorker) {
      sent.push(message);
      if (message.kind === 'tick') ticks.push(message.tick);
    },
  });
  return { clock, ticks, facts, ticker, troubled, sent };
}

const total = (tick: Tick | undefined, name: string): number =>
  Object.entries(tick?.counters ?? {})
    .filter(([key]) => key.startsWith(`${name}|`))
    .reduce((sum, [, value]) => sum + value, 0);

describe('startTicker', () => {
  it('sends a tick at each full second of run time, and the rest as the last one', () => {
    const { clock, ticks, ticker } = setup(-250);
    clock.advance(3750);
    expect(ticks.map((tick) => tick.toMs)).toEqual([1000, 2000, 3000]);
    expect(ticker.finish()).toBe(4);
    expect(ticks.at(-1)).toMatchObject({ toMs: 3500, last: true });
    clock.advance(5000);
    expect(ticks).toHaveLength(4);
    expect(clock.pending).toBe(0);
  });

  it('says who had trouble in the interval of a tick right before it, and nothing where nobody had', () => {
    const { clock, ticker, troubled, sent } = setup();
    clock.advance(1500);
    troubled.add('api_call', 7);
    clock.advance(1500);
    ticker.finish();
    expect(sent.map(({ kind }) => kind)).toEqual(['tick', 'troubled', 'tick', 'tick', 'tick']);
    expect(sent[1]).toEqual({ kind: 'troubled', fromMs: 1000, toMs: 2000, vus: { api_call: [7] } });
  });

  it('carries who is there, and what the process used', () => {
    const { clock, ticks } = setup();
    clock.advance(1000);
    expect(ticks[0]?.gauges).toMatchObject({
      ...{ vus_active_count: 5, vus_joined_count: 4, vus_watching_count: 3 },
      ...{ vus_rebuffering_count: 2, vus_frozen_count: 1, sessions_open_count: 12 },
      root_sessions_open_count: 5,
      chat_sessions_open_count: 3,
      streaming_sessions_open_count: 4,
    });
    expect(ticks[0]?.gauges.rss_bytes).toBeGreaterThan(1e6);
  });

  it('reports a step of the wall clock in the tick in which it came, and only there', () => {
    const { clock, ticks } = setup();
    clock.advance(1000);
    clock.jumpMs = -400;
    clock.advance(1000);
    clock.advance(1000);
    expect(ticks.map((tick) => tick.gauges.clock_jump_ms)).toEqual([0, 400, 0]);
  });

  it('counts each socket that this machine had no room for once', () => {
    const { clock, ticks, facts } = setup();
    facts.failures = 5;
    clock.advance(1000);
    facts.failures = 7;
    clock.advance(1000);
    clock.advance(1000);
    expect(ticks.map((tick) => total(tick, 'local_failure_count'))).toEqual([5, 2, 0]);
  });
});
