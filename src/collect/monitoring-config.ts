import { z } from '../schema-library.js';
import { MONITORING_FIELDS, type MonitoringField, UNITS } from './monitoring-source.js';

/** The part `backend.monitoring` of a file of sources. */
export function monitoringEntry<Secrets extends z.ZodRawShape>(url: z.ZodType<string>, secrets: Secrets) {
  return z.strictObject({
    url,
    ...secrets,
    fields: z
      .strictObject({
        rss_mb: place('rss_mb'),
        heap_used_mb: place('heap_used_mb'),
        heap_total_mb: place('heap_total_mb'),
        external_mb: place('external_mb'),
        event_loop_lag_ms: place('event_loop_lag_ms'),
      })
      .meta({ description: 'where the answer has each; one that is not named is absent' }),
  });
}

function place(field: MonitoringField) {
  const units = Object.keys(UNITS[MONITORING_FIELDS[field]]);
  return z
    .strictObject({
      at: z.string().min(1, 'no path').max(500).meta({ description: 'path of a number in the answer' }),
      unit: z.enum(units as [string, ...string[]]).meta({ description: 'in which the answer has it' }),
    })
    .optional();
}
