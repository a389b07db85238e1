import { z } from '../schema-library.js';

const said = z.strictObject({
  text: z.string().meta({ description: 'secrets masked' }),
  line: z.int().positive(),
  file: z.string().optional(),
});

const difference = z.strictObject({
  where: z.string().meta({ description: 'the blocks around it, from the outermost; empty = outside of all' }),
  production: said.optional().meta({ description: 'absent = it does not say it' }),
  staging: said.optional(),
  order: z
    .literal(true)
    .optional()
    .meta({ description: 'the same, in another order, where the order decides' }),
});

const value = z.strictObject({
  value: z.string(),
  from: z.string().meta({ description: 'the source, or answer' }),
});

const row = z.strictObject({
  id: z.string(),
  component: z.string(),
  section: z.string().meta({ description: 'of the strategy' }),
  written: z.string().optional().meta({ description: 'what the strategy says production has' }),
  state: z
    .enum(['same', 'differs', 'documented', 'open'])
    .meta({ description: 'documented = differs, with a reason, where the strategy lets that stand' }),
  production: value.optional().meta({ description: 'absent = not known' }),
  staging: value.optional(),
  differences: z.array(difference).optional(),
  moreDifferences: z.int().positive().optional().meta({ description: 'found, and not listed' }),
  documented: z.string().optional(),
  questions: z
    .array(
      z.strictObject({
        of: z.array(z.enum(['production', 'staging'])),
        question: z.string(),
        command: z.string(),
      }),
    )
    .optional(),
  notes: z.array(z.string()),
});

const paritySchema = z
  .strictObject({
    $schema: z.string().optional(),
    v: z.literal(1),
    madeAt: z.string().meta({ description: 'ISO 8601, UTC' }),
    counts: z.strictObject({
      same: z.int().min(0),
      differs: z.int().min(0),
      documented: z.int().min(0),
      open: z.int().min(0),
    }),
    rows: z.array(row).max(100),
  })
  .meta({ title: 'parity.json: how like production a test system is (dorami-load parity)' });

/** What `dorami-load parity` found. */
export type Parity = z.infer<typeof paritySchema>;
export type ParityRow = Parity['rows'][number];
export type ParityState = ParityRow['state'];
export type ParityDifference = NonNullable<ParityRow['differences']>[number];

/** The JSON Schema that the package carries as schema/parity.schema.json. */
export function parityJsonSchema(): unknown {
  return z.toJSONSchema(paritySchema, { target: 'draft-2020-12' });
}

/** A parity.json that was read; undefined = it is none, or of another version. */
export function parseParity(value: unknown): Parity | undefined {
  const { success, data } = paritySchema.safeParse(value);
  return success ? data : undefined;
}
