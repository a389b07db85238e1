import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/support/run-record.js';
import { resolveConfig } from '../config.js';
import { ProtocolError } from '../errors.js';
import { createPlan } from '../scenarios/plan.js';
import { parseRunRecord, plannedOf } from './run-record.js';

describe('the record of a run', () => {
  it('comes back from its file as it was', () => {
    const record = recordOf();
    expect(parseRunRecord(JSON.stringify(record))).toEqual(record);
  });

  it('holds what a verdict needs, and no stream key', () => {
    const record = recordOf();
    expect(record).toMatchObject({
      seed: 1,
      workers: 1,
      planned: { vus: 50, byProtocol: { hls: 35, flv: 15 } },
    });
    expect(record.phases.map((phase) => phase.role)).toEqual(['ramp', 'hold', 'drain']);
    expect(JSON.stringify(record)).not.toContain('a-secret-key');
  });

  it('says that time is scaled', () => {
    const record = recordOf();
    const scaled = { ...record, planned: { ...record.planned, timeScale: 0.1 } };
    expect(parseRunRecord(JSON.stringify(scaled)).planned.timeScale).toBe(0.1);
    const garbage = { ...record, planned: { ...record.planned, timeScale: 'slow' } };
    expect(() => parseRunRecord(JSON.stringify(garbage))).toThrow(ProtocolError);
    const config = resolveConfig({ profile: 'ramp', 'time-scale': '0.1' }, { cores: 2 });
    expect(plannedOf(config, createPlan(config.profile, config), 500)).toMatchObject({
      ...{ timeScale: 0.1, vus: 500, users: 500 },
    });
  });

  it('names every setting with who said it', () => {
    const { settings } = recordOf();
    expect(settings).toContainEqual({ key: 'seed', value: '1', source: 'default' });
    expect(settings).toContainEqual({ key: 'vus', value: '50', source: 'profile smoke' });
  });

  it.each(['', 'null', '[]', '{}', '{"v":2}', JSON.stringify({ ...recordOf(), rows: ['no_such_row'] })])(
    'refuses %s',
    (text) => {
      expect(() => parseRunRecord(text)).toThrow(ProtocolError);
    },
  );
});
