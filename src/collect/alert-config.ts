import type { AlertOverride, AlertOverrides } from '../alerts/engine.js';
import { THRESHOLD_IDS, type ThresholdId } from '../alerts/thresholds.js';
import { parseDuration } from '../config/values.js';
import { z } from '../schema-library.js';

const override = z.union([
  z.literal(['off', false]),
  z.strictObject({
    bound: z.number().optional().meta({ description: "instead of the strategy's, in the same unit" }),
    for: z
      .string()
      .refine((text) => parseDuration(text) !== undefined, 'not a span of time')
      .optional()
      .meta({ description: 'how long it must hold, e.g. 30s' }),
  }),
]);

/** `alerts:` of a file of sources: what is not named is as the strategy has it. */
export const alertsEntry = z
  .partialRecord(z.enum(THRESHOLD_IDS), override)
  .meta({ description: 'by id of docs/alerts.md: off, or another bound or time' });

/** The same for the engine. */
export function overridesOf(entry: z.infer<typeof alertsEntry> | undefined): AlertOverrides {
  return Object.fromEntries(
    Object.entries(entry ?? {}).map(([id, value]): [ThresholdId, AlertOverride] => {
      if (typeof value !== 'object') return [id as ThresholdId, false];
      const { bound, for: span } = value;
      return [id as ThresholdId, { bound, forMs: span === undefined ? undefined : parseDuration(span) }];
    }),
  );
}
