import { describe, expect, it } from 'vitest';
import { contextOf, healthyRun, measure, session, times } from '../../test/support/measured.js';
import { RUN_FACTS } from '../../test/support/summaries.js';
import type { ViewerEvent } from '../events.js';
import { judge } from '../stats/gate.js';
import { buildSummary, EMBEDDED_STAGE, type Summary } from './summary.js';
import { summarySchema } from './summary-schema.js';
import { formatSummary } from './terminal.js';

const order = (orderId: string): ViewerEvent => session({ kind: 'order_created', orderId });
const emptied = (ok: boolean): ViewerEvent => session({ kind: 'cart_emptied', ok });
const inDoubt: ViewerEvent = session({
  kind: 'api_call',
  call: 'order_create',
  write: true,
  outcome: 'timeout',
  durationMs: 30_000,
  sinceDueMs: 30_000,
});

function summaryOf(events: readonly ViewerEvent[], orderIds: readonly string[], target: string): Summary {
  const totals = measure(events);
  const context = contextOf();
  const run = { ...RUN_FACTS, target };
  return summarySchema.parse(
    buildSummary({ verdict: judge(totals, context), totals, context, run, orderIds }),
  );
}

describe('what a run leaves on a platform', () => {
  const ids = Array.from({ length: 9 }, (_, i) => `ORD-${i}`);
  const events = [
    ...healthyRun(),
    ...ids.map(order),
    ...times(2, () => emptied(false)),
    emptied(true),
    inDoubt,
  ];

  it('is listed: how many orders, their ids, which are in doubt, and carts that are not empty', () => {
    const summary = summaryOf(events, ids, 'https://staging.example.com');
    expect(summary.orders).toEqual({ created: 9, ids });
    const notes = summary.notes.join('\n');
    expect(notes).toContain('9 orders stand on the platform, to be cancelled there');
    expect(notes).toContain('1 more order was asked for and not confirmed');
    expect(notes).toContain('2 carts could not be emptied when their viewers left');
    const text = formatSummary(summary, { color: false }).replaceAll(/\n\s+/g, ' ');
    expect(text).toContain('9 created: ORD-0, ORD-1, ORD-2, ORD-3, ORD-4, ORD-5 and 3 more');
  });

  it('is nothing to speak of on the own stage, which goes with the run', () => {
    const summary = summaryOf(events, ids, EMBEDDED_STAGE);
    expect(summary.orders.created).toBe(9);
    expect(summary.notes.join()).not.toContain('order');
  });

  it('is nothing without orders', () => {
    const summary = summaryOf(healthyRun(), [], 'https://staging.example.com');
    expect(summary.orders).toEqual({ created: 0, ids: [] });
    expect(summary.notes.join()).not.toContain('order');
    expect(formatSummary(summary, { color: false })).not.toContain('created');
  });

  it('counts an order whose tick was never sent by its id', () => {
    expect(summaryOf([], ['ORD-1'], 'http://x').orders.created).toBe(1);
  });

  it("keeps a terminal from what a platform's ids may hold", () => {
    const text = formatSummary(summaryOf([order('x')], ['\u001b[2Jevil\u0007'], 'http://x'), {
      color: false,
    });
    expect(text).toContain('?[2Jevil?');
    expect(text).not.toContain('\u001b[2J');
  });
});
