import { describe, expect, test } from 'vitest';
import { run, spansOf } from '../../../test/support/fidelity-stories.js';
import { fidelityDocument, type Machine } from './document.js';
import type { ConditionInfo } from './results.js';

const MACHINE: Machine = { cpu: 'A CPU', cores: 2, memoryGiB: 8, system: 'Linux 6', node: '20.19.0' };
const INFO: ConditionInfo = {
  id: 'pause-hls',
  seed: 7,
  title: 'nothing passes for 3 s',
  protocol: 'hls',
  unseen: true,
};
const waited = { waits: spansOf([5000, 7000]) };

describe('the document', () => {
  test('shows both sides of a condition, and that every demand is met', () => {
    const text = fidelityDocument([run(waited, { waits: spansOf([5010, 7020]) })], [INFO], MACHINE, []);
    expect(text).toContain('Every demand is met, over 1 conditions');
    expect(text).toContain('| pause-hls | HLS | nothing passes for 3 s | 7 | 1 |');
    expect(text).toContain('5.00 to 7.00<br>5.01 to 7.02');
    expect(text).toContain('There are none.');
    expect(text).not.toContain('FAIL');
  });

  test('says FAIL and UNEXPLAINED where that is so, and gives the cause where it is known', () => {
    const missing = [run(waited, {})];
    expect(fidelityDocument(missing, [INFO], MACHINE, [])).toContain('**UNEXPLAINED**');
    expect(fidelityDocument(missing, [INFO], MACHINE, [])).toContain('**FAIL**');
    const cause = { condition: 'pause-hls', metric: 'count', cause: 'the moon' } as const;
    expect(fidelityDocument(missing, [INFO], MACHINE, [cause])).toContain(
      '| pause-hls | number of rebuffers | 1 | 0 | equal | the moon |',
    );
  });

  test('judges no condition whose seed was known when the constants were fixed', () => {
    const text = fidelityDocument([run({}, {})], [{ ...INFO, unseen: false }], MACHINE, []);
    expect(text).toContain('Not every demand is met, over 0 conditions');
  });

  test('tells of the newest libraries and of the control only where they were run', () => {
    const page = run({}, {});
    const newest = run({}, {}, { record: { libraries: 'newest' } });
    const among = run({}, {}, { record: { inParallel: 3 } });
    expect(fidelityDocument([page], [INFO], MACHINE, [])).not.toContain('## The newest');
    const text = fidelityDocument([page, newest, among], [INFO], MACHINE, []);
    expect(text).toContain('## The newest');
    expect(text).toContain('| pause-hls | 3 | 1 | 300 ms | 0 ms | 2000 ms |');
  });

  test('names machine, versions and days, and no host', () => {
    const text = fidelityDocument([run({}, {})], [INFO], MACHINE, []);
    expect(text).toContain('A CPU, 2 cores, 8 GiB, Linux 6, Node 20.19.0');
    expect(text).toContain('- Runs: 1, 1970-01-01 (UTC).');
  });
});
