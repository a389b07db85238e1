import { describe, expect, it } from 'vitest';
import type { RunFlags } from '../config/flags.js';
import { resolveConfig } from '../config.js';
import type { FaultStep } from '../scenarios/fault-step.js';
import { createPlan } from '../scenarios/plan.js';
import type { Profile } from '../scenarios/profile.js';
import { findProfile } from '../scenarios/profiles.js';
import { formatPlan, planJson } from './plan-text.js';

const config = resolveConfig({ vus: '10', duration: '40s', workers: '3' }, { cores: 4 });
const plan = createPlan(config.profile, config);

function planOf(flags: RunFlags): string {
  const own = resolveConfig(flags, { cores: 4 });
  return formatPlan(own, createPlan(own.profile, own));
}

describe('--print-plan', () => {
  it('shows phases, viewers, rates and workers', () => {
    const text = formatPlan(config, plan);
    expect(text).toContain('10 viewers (7 HLS, 3 FLV) in 40s');
    expect(text).toMatch(/0:00\.0 - +0:10\.0 +ramp +ramp +0 -> 10 viewers/);
    expect(text).toMatch(/0:10\.0 - +0:35\.0 +hold +hold +10 viewers/);
    expect(text).toContain('chat every 10s');
    expect(text).toContain('3 (3 + 4 + 3 viewers)');
  });

  it('shows the rates that were asked for, also as data', () => {
    const rated = resolveConfig({ vus: '10', rate: ['chat=30s', 'products=off', 'orders=2%'] }, { cores: 4 });
    expect(formatPlan(rated, plan)).toContain('chat every 30s, 50 % use the cart, 2 % order within an hour');
    expect(planJson(rated, plan)).toMatchObject({
      rates: { chatEveryMs: 30_000, cartAddShare: 0.5, ordersPerHourShare: 0.02 },
    });
  });

  it('shows what differs from stage to stage, what breaks, and that time is scaled', () => {
    const text = planOf({ profile: 'chatBurst', 'time-scale': '0.1', vus: '60' });
    expect(text).toMatch(/burst +burst +60 viewers/);
    expect(text).toMatch(/burst: \d+ chat messages\/s of all together/);
    expect(text).toContain('scaled   0.1: rows that are about real minutes and hours are not judged');
    expect(text).toMatch(/drain +drain +60 -> 0 viewers/);
    expect(planOf({ profile: 'soak' })).toMatch(/10:00\.0 - +5:50:00\.0 +hold/);
  });

  it('shows what breaks, and when', () => {
    const recovery = findProfile('recovery') as Profile;
    const step: FaultStep = {
      ...{ name: 'net', stage: 'partition', atMs: 0, forMs: 10_000, graceMs: 0 },
      ...{ breaks: 'network', action: { on: 'network', do: 'partition' } },
    };
    const profile: Profile = { ...recovery, name: 'mine', faults: [step] };
    const own = resolveConfig({ profile: './mine.yaml' }, { cores: 4, profile });
    const text = formatPlan(own, createPlan(own.profile, own));
    expect(text).toContain('breaks   5:00.0  net: network partition for 10 s');
  });

  it('shows who comes and goes by itself', () => {
    const flags = { arrivals: '2/s paced for 30s, stay 10s' };
    const open = resolveConfig(flags, { cores: 4 });
    const text = formatPlan(open, createPlan(open.profile, open));
    // 20 at a time, and as many places again are being left.
    expect(text).toMatch(/60 viewers at 40 places \(\d+ HLS, \d+ FLV\) in 40s/);
    expect(text).toContain('2/s paced for 30s, stay 10s: 20 at a time at most');
    expect(planJson(open, createPlan(open.profile, open))).toMatchObject({ visits: { count: 60, most: 20 } });
  });

  it('says when chat and cart stay off', () => {
    const flags = { target: 'http://10.0.0.7', 'allow-target': ['10.0.0.7'], 'stream-key': 'abcdef' };
    const foreign = resolveConfig(flags, { cores: 4 });
    expect(formatPlan(foreign, plan)).toContain('no chat, no cart');
  });

  it('says where viewers come from, and that certificates are not checked', () => {
    const flags = { target: 'https://127.0.0.1', insecure: true, 'local-ips': ['127.0.0.2-127.0.0.9'] };
    const spread = resolveConfig(flags, { cores: 4 });
    expect(formatPlan(spread, plan)).toContain('from     127.0.0.2 to 127.0.0.9 (8 addresses, in turn)');
    expect(formatPlan(spread, plan)).toContain('https://127.0.0.1 (certificates are not checked)');
    expect(planJson(spread, plan)).toMatchObject({ insecure: true });
    expect(formatPlan(config, plan)).not.toContain('from ');
  });

  it('fits into 80 columns, whatever is judged', () => {
    const text = formatPlan(config, plan);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text.replace(/\s+/g, ' ')).toContain(`judges ${config.profile.judges.join(', ')}`);
  });

  it('is the same as data', () => {
    expect(planJson(config, plan)).toMatchObject({
      vus: 10,
      totalMs: 40_000,
      byProtocol: { hls: 7, flv: 3 },
      workers: 3,
    });
  });
});
