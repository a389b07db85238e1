import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type CliResult, runLoad } from './cli.js';
import { type StageCounts, startStage } from './stage.js';

const VUS = 10;
/** 3 s up, 15 s hold, 3 s down. */
const RAMP = ['--profile', 'ramp', '--time-scale', '0.01', '--vus', String(VUS), '--no-preflight'];
/** 4 s of arrivals, 10 s with all of them, 4 s of departures. */
const OPEN = ['--arrivals', '2/s paced for 4s, stay 14s', '--no-preflight'];

function eventsOf({ runDir = '' }: CliResult): string {
  return readFileSync(join(runDir, 'events.ndjson'), 'utf8');
}

it('leaves nothing open behind a scaled ramp, nor behind viewers that came and went, and says that time was scaled', async () => {
  const stage = await startStage();
  const seen: StageCounts[] = [];
  const watch = setInterval(() => void stage.counts().then((counts) => seen.push(counts)), 500);
  try {
    const [ramp, open] = await Promise.all([runLoad([...stage.flags(), ...RAMP]), runLoad(OPEN)]);
    clearInterval(watch);
    const { flv, sockets, viewers } = await stage.counts();
    expect({ sockets: sockets.connectionsNow, flv: flv.viewersNow, members: viewers.now }).toEqual({
      ...{ sockets: 0, flv: 0, members: 0 },
    });
    // All were there, so there was something to leave behind.
    expect(Math.max(...seen.map((counts) => counts.sockets.connectionsNow))).toBe(VUS);
    expect(viewers.joins).toBeGreaterThanOrEqual(VUS);
    expect(ramp.reason).toContain('(viewer, ramp, scaled 0.01)');
    expect(ramp.summary?.run.timeScale).toBe(0.01);
    expect(ramp.summary?.vus).toMatchObject({ planned: VUS, joined: VUS, lost: 0 });
    expect(open.summary?.vus).toMatchObject({ planned: 8, joined: 8, lost: 0 });
    for (const result of [ramp, open]) {
      expect(eventsOf(result)).toContain('"run_ended"');
      expect(eventsOf(result)).not.toContain('"left_open"');
    }
  } finally {
    clearInterval(watch);
    await stage.stop();
  }
});
