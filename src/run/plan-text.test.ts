import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../config.js';
import { createPlan } from '../scenarios/plan.js';
import { formatPlan, planJson } from './plan-text.js';

const config = resolveConfig({ vus: '10', duration: '40s', workers: '3' }, { cores: 4 });
const plan = createPlan(config.profile, config);

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
