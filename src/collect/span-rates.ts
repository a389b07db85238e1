import { MIN_RATE_SPAN_MS, type Reading, type Values } from './reading.js';

/** What a source says per time: empty without a span, and absent with the reason when the span is but a moment. */
export function spanRates(
  spanMs: number | undefined,
  of: (spanMs: number) => Values,
): Required<Pick<Reading, 'values' | 'absent'>> {
  if (spanMs === undefined) return { values: {}, absent: {} };
  const values = of(spanMs);
  if (spanMs >= MIN_RATE_SPAN_MS) return { values, absent: {} };
  const why = `over ${Math.round(spanMs)} ms a rate says nothing`;
  return { values: {}, absent: Object.fromEntries(Object.keys(values).map((name) => [name, why])) };
}
