import { z } from '../schema-library.js';
import { FIELDS, type Field } from './fields.js';

const number = z.number();

function section(table: Readonly<Record<string, Field>>) {
  const shape = Object.fromEntries(
    Object.entries(table).map(([name, { unit, meaning }]) => [
      name,
      number.optional().meta({ description: `${meaning} (${unit})` }),
    ]),
  );
  return z.strictObject(shape);
}

const reasons = z.record(z.string(), z.string());

/** One line of `system.ndjson`. Fields are only ever added. */
export const systemLineSchema = z
  .strictObject({
    timestamp: z.iso.datetime().meta({ description: 'when the sources were asked, UTC' }),
    atMs: number.optional().meta({
      description: 'the same in ms since the run began, negative before; only in the folder of a run',
    }),
    run: z.strictObject({ joined: number, watching: number }).optional().meta({
      description: "our own viewers at that instant; only in the folder of a run, never a platform's figure",
    }),
    interval_ms: number.optional().meta({ description: 'since the line before; absent in the first' }),
    docker: z.record(z.string(), section(FIELDS.docker)).optional(),
    process: z.record(z.string(), section(FIELDS.process)).optional(),
    host: section(FIELDS.host).optional(),
    generator: section(FIELDS.generator).optional(),
    nginx: section(FIELDS.nginx).optional(),
    srs: section(FIELDS.srs).optional(),
    backend: section(FIELDS.backend).optional(),
    redis: section(FIELDS.redis).optional(),
    postgres: section(FIELDS.postgres).optional(),
    metrics: z
      .record(z.string(), z.record(z.string(), number))
      .optional()
      .meta({ description: 'by endpoint of the configuration; `:per_s` = growth of a cumulative one' }),
    spans_ms: z
      .record(z.string(), number)
      .meta({ description: 'by source: what counts and rates of this line are made of' }),
    gaps: reasons.meta({ description: 'by source: why it says nothing this time' }),
    restarted: z.array(z.string()).meta({ description: 'sources whose cumulative numbers began anew' }),
    absent: reasons.meta({ description: 'by section or field: why it is not there' }),
  })
  .meta({ title: 'One line of system.ndjson of dorami-load collect' });

/** The JSON Schema that the package carries as schema/system.schema.json. */
export function systemLineJsonSchema(): unknown {
  return z.toJSONSchema(systemLineSchema, { target: 'draft-2020-12' });
}
