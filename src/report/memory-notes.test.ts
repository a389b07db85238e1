import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { contextOf, measureIn, phasesOf } from '../../test/support/measured.js';
import { RUN_FACTS } from '../../test/support/summaries.js';
import { judge } from '../stats/gate.js';
import { memoryNotes } from './memory-notes.js';
import { buildSummary } from './summary.js';
import { summaryJsonSchema } from './summary-schema.js';

const sure = { lowBytesPerHour: 1e6, highBytesPerHour: 40e6, fromBytes: 300e6, overMs: 3_600_000 };

test('is told of where it is sure and six hours would add more than a quarter', () => {
  expect(memoryNotes({ ...sure, bytesPerHour: 20e6 })).toEqual([
    "the generator's own memory grew: +20.0 MB an hour (+1.0 MB to +40.0 MB) from 300 MB on, warm-up left out; 6 hours of it would add 40 %",
  ]);
  expect(memoryNotes({ ...sure, bytesPerHour: 12e6 })).toEqual([]);
  expect(memoryNotes({ ...sure, bytesPerHour: 20e6, lowBytesPerHour: -1 })).toEqual([]);
  expect(memoryNotes(undefined)).toEqual([]);
  expect(memoryNotes({ ...sure, bytesPerHour: 20e6 }, true)[0]).toMatch(
    /^the memory of the largest load box grew: \+20.0 MB an hour/,
  );
});

function summaryWith(bytesPerHour: number) {
  const phases = phasesOf(['ramp', 'ramp', 60], ['hold', 'hold', 3600], ['drain', 'drain', 60]);
  const totals = measureIn(phases, [], (recorder, atMs) => {
    recorder.gauge('rss_bytes', 300e6 + (bytesPerHour * atMs) / 3_600_000);
  });
  const context = contextOf({ phases });
  return buildSummary({ verdict: judge(totals, context), totals, context, run: RUN_FACTS });
}

test('stands in the summary of a long hold, is valid by the schema, and leaves the verdict as it is', () => {
  const [flat, growing] = [summaryWith(0), summaryWith(50e6)];
  expect(flat.generator.memoryGrowth?.bytesPerHour).toBe(0);
  expect((growing.generator.memoryGrowth?.bytesPerHour ?? 0) / 1e6).toBeCloseTo(50, 0);
  expect(flat.notes.join()).not.toContain('memory');
  expect(growing.notes.join()).toContain("the generator's own memory grew");
  expect(growing.verdict).toBe(flat.verdict);
  expect(growing.exitCode).toBe(flat.exitCode);
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
    summaryJsonSchema() as object,
  );
  expect(validate(JSON.parse(JSON.stringify(growing)))).toBe(true);
});
