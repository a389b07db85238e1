import { THRESHOLD_IDS } from '../alerts/thresholds.js';
import { z } from '../schema-library.js';

/** One line of `alerts.ndjson`. Fields are only ever added. */
export const alertLineSchema = z
  .strictObject({
    timestamp: z.iso.datetime().meta({ description: 'of the line of system.ndjson that told it, UTC' }),
    atMs: z
      .number()
      .optional()
      .meta({ description: 'the same in ms since the run began; only in the folder of a run' }),
    kind: z.enum(['raised', 'cleared']),
    id: z.enum(THRESHOLD_IDS).meta({ description: 'which threshold, see docs/alerts.md' }),
    name: z
      .string()
      .optional()
      .meta({ description: 'of which container, process or class of answers, where there are several' }),
    severity: z.enum(['warning', 'critical']),
    words: z.string().meta({ description: 'what was seen when it was raised, and the threshold' }),
    value: z.number().optional().meta({ description: 'now; absent = no answer' }),
    heldMs: z.number().optional().meta({ description: 'of a clear: ms since it was raised' }),
  })
  .meta({ title: 'One line of alerts.ndjson of dorami-load' });

export type AlertLogLine = z.infer<typeof alertLineSchema>;

/** The JSON Schema that the package carries as schema/alerts.schema.json. */
export function alertLineJsonSchema(): unknown {
  return z.toJSONSchema(alertLineSchema, { target: 'draft-2020-12' });
}
