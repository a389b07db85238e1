import { type Measured, percent, rate } from './kpi.js';
import type { View } from './view.js';

/** More deliveries than receivers, beyond this, means that the count of receivers is wrong. */
const DELIVERY_LIMIT_PCT = 105;

/** How many of the arrivals at other viewers that were expected came. */
export function chatDelivered(view: View): Measured {
  const expected = view.count('chat_expected_count');
  const delivered = view.count('chat_delivered_count');
  const value = percent(delivered, expected);
  return {
    ...rate(delivered, expected),
    samples: expected,
    ...(value !== undefined && value > DELIVERY_LIMIT_PCT
      ? { noData: `${delivered} arrivals of ${expected} expected` }
      : {}),
  };
}
