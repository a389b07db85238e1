import { describe, expect, it } from 'vitest';
import { createPlan } from '../scenarios/plan.js';
import { type Profile, profileFor } from '../scenarios/profile.js';
import { allProfiles, findProfile } from '../scenarios/profiles.js';
import { timed } from '../scenarios/timing.js';
import { KPI_IDS } from '../stats/kpis.js';
import { exemptRows } from './exempt-rows.js';

const smoke = findProfile('smoke') as Profile;
const baseline = findProfile('baseline') as Profile;

function exemptOf(profile: Profile, vus: number, durationMs?: number, users = vus): string[] {
  const timing = durationMs === undefined ? {} : { durationMs };
  const sized = timed(profileFor(profile, vus), vus, timing, []).profile;
  const plan = createPlan(sized, { vus, seed: 1, mix: profile.defaults.mix });
  const byProtocol = { hls: 0, flv: 0 };
  for (let vu = 0; vu < vus; vu++) byProtocol[plan.protocolOf(vu)]++;
  return Object.keys(exemptRows(profile, plan, { vus, byProtocol, users, writes: true }, 0.5));
}

describe('exemptRows', () => {
  it('is empty for every shipped profile as it is drawn, but for segments that might be 6 s long', () => {
    expect(exemptOf(smoke, smoke.defaults.vus)).toEqual(['segment_generation_p95']);
    const withoutHls = exemptOf(baseline, 1).filter(
      (id) => id !== 'latency_p95_hls' && id !== 'rebuffer_rate_per_segment',
    );
    expect(withoutHls).toEqual([]);
  });

  it('names what a run with few viewers cannot fill, and nothing else', () => {
    expect(exemptOf(smoke, 20, 30_000)).toEqual(['segment_generation_p95', 'api_read_p99', 'api_write_p95']);
  });

  it('names what was turned off, and counts every kind of read', () => {
    const quiet = { ...smoke, rates: { productsEveryMs: 60_000 } };
    expect(exemptOf(quiet, 50)).toEqual([
      'segment_generation_p95',
      'chat_delivery_ratio',
      'chat_delivery_p95',
      'chat_echo_ratio',
      'api_read_p99',
      'api_write_p95',
    ]);
    const polling = {
      ...quiet,
      rates: { statusEveryMs: 30_000, noticesEveryMs: 30_000, cartEveryMs: 30_000 },
    };
    expect(exemptOf(polling, 50)).not.toContain('api_read_p99');
  });

  it('names what a run of a few seconds cannot fill', () => {
    const exempt = exemptOf(smoke, 2, 5000);
    expect(exempt).toContain('rebuffer_ratio');
    expect(exempt).toContain('chat_echo_ratio');
    expect(exempt).not.toContain('stream_start_success');
    expect(exempt).not.toContain('ready_chat');
  });
});

describe('joins after a spike', () => {
  const spike = findProfile('spike') as Profile;
  const reasonOf = (profile: Profile): string | undefined => {
    const plan = createPlan(profileFor(profile, 500), { vus: 500, seed: 1, mix: profile.defaults.mix });
    const planned = { vus: 500, byProtocol: { hls: 350, flv: 150 }, users: 500, writes: true };
    return exemptRows(profile, plan, planned, 0.5).spike_join_return;
  };

  it('are none in the spike as it is drawn, which is said in its own words', () => {
    expect(reasonOf(spike)).toContain('nobody comes in the recovery as it is drawn');
  });

  it('are judged where the recovery brings viewers', () => {
    const [last, ...before] = [...spike.stages].reverse();
    if (last === undefined) throw new Error('no stages');
    const stages = [...before.reverse(), { ...last, toShare: 0.2 }];
    expect(reasonOf({ ...spike, stages })).toBeUndefined();
  });
});

describe('the rows of a profile', () => {
  it.each(allProfiles())('$name judges rows that exist', ({ judges }) => {
    expect(judges.filter((id) => !(KPI_IDS as readonly string[]).includes(id))).toEqual([]);
    expect(new Set(judges).size).toBe(judges.length);
  });
});
