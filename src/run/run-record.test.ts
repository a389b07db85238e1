import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/support/run-record.js';
import { ProtocolError } from '../errors.js';
import { parseRunRecord } from './run-record.js';

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
