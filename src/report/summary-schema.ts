import { z } from '../schema-library.js';
import { UNITS } from '../stats/kpi.js';
import { KPI_IDS } from '../stats/kpis.js';
import { WINDOW_NAMES } from '../stats/windows.js';

/**
 * The shape of `summary.json`, once: the type of `Summary` and the published JSON Schema both come from here.
 * Fields are only ever added; a removal or a change of meaning raises `schemaVersion`.
 */
const number = z.number();
const count = z.int().nonnegative();

const bound = z.strictObject({ op: z.enum(['<=', '<', '>=', '>']), value: number });

const evidence = z
  .strictObject({
    worst: z
      .strictObject({ fromMs: number, toMs: number, phase: z.string(), value: number, samples: number })
      .optional()
      .meta({
        description: 'the worst ten seconds of the window, run ms; absent where nothing was measured',
      }),
    interval: z
      .strictObject({ low: number, high: number })
      .optional()
      .meta({ description: 'where chance alone may have put the value, at 95 %' }),
    doubt: z
      .string()
      .optional()
      .meta({ description: 'the bound lies within the interval, in words; decides nothing by itself' }),
    vus: z.array(count).meta({
      description:
        'viewers that had a trouble that the row is made of in the worst ten seconds, at most 20; empty also where a row is made of no single troubles, as a latency is',
    }),
    command: z.string().meta({ description: 'shows it; DIR is the folder that this file lies in' }),
  })
  .meta({ description: 'what stands behind the value' });

const kpi = z.strictObject({
  id: z.enum(KPI_IDS),
  title: z.string(),
  section: z.string().meta({ description: 'section of the performance testing strategy, or `own` and why' }),
  mandatory: z.boolean().meta({ description: 'advisory rows decide nothing' }),
  status: z.enum(['pass', 'fail', 'no_data', 'not_judged']),
  reason: z.string().meta({ description: 'why it is not a pass; empty for a pass' }),
  value: number.nullable().meta({ description: 'null when it could not be computed' }),
  bound,
  unit: z.enum(UNITS),
  samples: number.nonnegative(),
  window: z.enum(WINDOW_NAMES),
  beside: z.record(z.string(), z.union([number, z.string()])),
  evidence: evidence.optional(),
});

const unit = z.enum(['ms', 'bytes', 'count']);
const spread = {
  count,
  min: number,
  mean: number,
  p50: number,
  p90: number,
  p95: number,
  p99: number,
  max: number,
};

const metric = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('histogram'),
    unit,
    ...spread,
    parts: z.record(z.string(), z.strictObject(spread)).optional(),
  }),
  z.strictObject({
    kind: z.literal('counter'),
    unit,
    count: number.nonnegative().meta({ description: 'the total once more: every metric has a count' }),
    total: number.nonnegative(),
    parts: z.record(z.string(), number.nonnegative()).optional(),
  }),
  z.strictObject({
    kind: z.literal('gauge'),
    unit,
    count: count.meta({ description: 'workers that reported it' }),
    last: number,
    max: number.meta({ description: 'highest value of one worker' }),
  }),
]);

const step = z.strictObject({
  vus: count,
  outcome: z.enum(['held', 'broke', 'generator', 'unknown']).meta({
    description: 'generator: it was not to be believed at this level; unknown: a mandatory row had no data',
  }),
  phase: z.string().meta({ description: 'where the level was held, as in ticks' }),
  fromMs: number,
  toMs: number,
  failed: z.array(z.strictObject({ id: z.string(), words: z.string() })),
  reason: z.string(),
});

const escalation = z.strictObject({
  sentence: z.string(),
  finished: z.boolean().meta({ description: 'false = cut short: the breaking point is not known to 5 %' }),
  targetVus: count,
  holds: count.meta({ description: 'the most viewers at which every mandatory row passed' }),
  breaksAt: count.nullable().meta({ description: 'the fewest at which one failed; null = none did' }),
  cause: z.string().nullable().meta({ description: 'id of the row that names why' }),
  headroomPct: number
    .nullable()
    .meta({ description: 'of the breaking point, or of the highest step, over the target' }),
  decidingStep: z
    .string()
    .nullable()
    .meta({ description: 'the phase that the rows of the summary are from' }),
  steps: z.array(step),
});

const faultClass = z.enum(['network', 'publisher', 'media', 'other']);

const fault = z.strictObject({
  name: z.string(),
  what: z.string().meta({ description: 'in words' }),
  breaks: faultClass,
  atMs: number.nullable().meta({ description: 'when it was to begin, run ms' }),
  forMs: number.nullable().meta({ description: 'how long it was to last; 0 = one moment' }),
  doneAtMs: number.nullable().meta({ description: 'null = it was not made' }),
  undoneAtMs: number.nullable().meta({ description: 'null = nobody wrote down that it was mended' }),
  outcome: z
    .enum(['not_begun', 'not_made', 'mended', 'mended_early', 'undone', 'not_mended', 'unknown'])
    .meta({
      description:
        'mended_early: the run was stopped; undone: by the supervisor, since the run could not or was gone; unknown: the run was killed and left no word',
    }),
  error: z.string().optional().meta({ description: 'why it could not be made, or not be mended by the run' }),
});

const backAfter = z.strictObject({ count, p50Ms: number, p95Ms: number, maxMs: number });

const recovery = z.strictObject({
  faults: z.array(z.string()).meta({
    description: 'of one kind that began in one phase: their viewers cannot be told apart',
  }),
  breaks: faultClass,
  phase: z.string(),
  faced: count.meta({ description: 'viewers that watched when it began' }),
  withinMs: number.meta({ description: 'the bound, from the end of the fault' }),
  inTime: count.meta({
    description: 'back within the bound: picture and socket of a network, else the picture',
  }),
  late: count,
  missing: count.meta({ description: 'not back 30 s after the fault, or lost' }),
  untold: count.meta({ description: 'left as planned, or the run ended, before it was known' }),
  back: backAfter.nullable().meta({ description: 'after the end of the fault; null = nobody came back' }),
  reconnects: backAfter.nullable().meta({
    description:
      'from the loss of a connection, or the end of the fault, to all rooms joined; null = none was lost',
  }),
});

const severity = z.enum(['warning', 'critical']);
const alert = z.strictObject({
  words: z.string(),
  severity,
  raisedAtMs: number.meta({ description: 'run ms' }),
  clearedAtMs: number.nullable().meta({ description: 'null = it was never cleared' }),
});

const alerts = z
  .strictObject({
    raised: count,
    critical: count.meta({ description: 'of those raised' }),
    open: count.meta({ description: 'never cleared: they held at the end, or nothing was known any more' }),
    worst: alert.nullable().meta({ description: 'critical before warning, then the longest' }),
    openOnes: z.array(alert).meta({ description: 'at most 50, oldest first' }),
  })
  .meta({ description: 'thresholds of the platform that were crossed; they decide nothing' });

const box = z.strictObject({
  id: z.string(),
  host: z.string(),
  cores: number,
  version: z.string(),
  workers: count,
  vus: count.meta({ description: 'its share of the viewers' }),
  isGone: z.boolean().meta({ description: 'lost, and not back: its viewers were not there to the end' }),
  lost: z.string().optional().meta({ description: 'when and why it was lost; absent = it never was' }),
  silentMs: number.meta({
    description: 'counted as late or lost, together: each time from 2.5 s after its last sign of life on',
  }),
  ticks: count,
  gaps: count.meta({ description: 'stretches of ticks that are missing' }),
  cpuMs: number.nullable().meta({ description: 'CPU time of its process; null = it did not say' }),
  rssBytes: number.nullable(),
  worstLoopDelayMs: number
    .nullable()
    .meta({ description: 'longest delay of an event loop, of all its threads' }),
  records: z
    .strictObject({ received: count, duplicates: count, missing: count, garbage: count })
    .nullable()
    .meta({ description: 'what came over the wire; null = the coordinator did not live to say' }),
  clock: z
    .strictObject({
      offsetMs: number.meta({ description: "to be added to its clock to read the coordinator's" }),
      errorMs: number.meta({
        description: 'greatest error of the offset in the run; in each latency that it measured',
      }),
      driftMsPerHour: number.nullable(),
    })
    .nullable()
    .meta({ description: 'null = never compared' }),
});

/** What `$schema` of a summary names: the file's place in the package. */
export const SUMMARY_SCHEMA_ID = 'dorami-load/schema/summary.schema.json';

export const summarySchema = z
  .strictObject({
    $schema: z.string(),
    schemaVersion: z.literal(1),
    verdict: z.enum(['pass', 'fail', 'invalid', 'no_data']),
    gate: z.enum(['viewer', 'full']),
    exitCode: z.int(),
    invalidReasons: z.array(z.strictObject({ code: z.string(), text: z.string() })),
    notes: z.array(z.string()),
    kpis: z.array(kpi),
    escalation: escalation.optional().meta({ description: 'of a run that looks for the breaking point' }),
    faults: z.array(fault).optional().meta({ description: 'of a run that breaks things on purpose' }),
    recovery: z
      .array(recovery)
      .optional()
      .meta({ description: 'what became of the viewers that faced them; decides nothing by itself' }),
    metrics: z.record(z.string(), metric),
    vus: z.strictObject({ planned: count, joined: count, maxConcurrent: count, lost: count }),
    orders: z
      .strictObject({ created: count, ids: z.array(z.string()) })
      .meta({ description: 'orders made by viewers; the first ids, all of them in events.ndjson' }),
    generator: z.strictObject({
      cpuMsPerViewerSecond: number.nullable(),
      eventLoopDelayP99Ms: number.nullable(),
      laggedPct: number.nullable(),
      rssBytes: number.nullable().meta({ description: 'over load boxes: of the largest' }),
      memoryGrowth: z
        .strictObject({
          bytesPerHour: number,
          lowBytesPerHour: number,
          highBytesPerHour: number,
          fromBytes: number,
          overMs: number,
        })
        .optional()
        .meta({
          description:
            'robust slope of resident memory (over load boxes: of the largest) over the hold, warm-up left out, with its 95 % interval; absent = the hold was too short; decides nothing',
        }),
    }),
    alerts: alerts
      .optional()
      .meta({ description: 'of a run that collects; absent = not collected, or its log is gone' }),
    boxes: z.array(box).optional().meta({ description: 'of a run over many load boxes' }),
    run: z.strictObject({
      id: z.string(),
      profile: z.string(),
      target: z.string(),
      seed: number,
      startedAt: z.string(),
      plannedMs: number,
      timeScale: number
        .optional()
        .meta({ description: 'below 1: holds and ramps were that much shorter than the profile means them' }),
      measuredMs: number,
      version: z.string(),
      nodeVersion: z.string().meta({ description: 'over load boxes: of the coordinator' }),
      host: z.string().meta({ description: 'over load boxes: of the coordinator' }),
      workers: count.meta({ description: 'over load boxes: of all of them' }),
      boxes: count.optional().meta({ description: 'load boxes; absent = one machine' }),
      stoppedBy: z
        .string()
        .optional()
        .meta({ description: 'a signal, or `abort: ROW`; absent = as planned' }),
    }),
  })
  .meta({ title: 'dorami-load summary', description: 'Result of one run: verdict, gate rows, metrics.' });

/** The content of `summary.json`. */
export type Summary = z.infer<typeof summarySchema>;
export type MetricSummary = z.infer<typeof metric>;
export type BoxSummary = z.infer<typeof box>;
export type KpiEvidence = z.infer<typeof evidence>;
export type KpiSummary = z.infer<typeof kpi>;

/** The JSON Schema (draft 2020-12) that the package carries as schema/summary.schema.json. */
export function summaryJsonSchema(): unknown {
  return z.toJSONSchema(summarySchema, { target: 'draft-2020-12' });
}
