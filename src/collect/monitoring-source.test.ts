import { expect, it } from 'vitest';
import { absentSections } from './absent.js';
import type { FetchText } from './fetch-text.js';
import { createMonitoringSource } from './monitoring-source.js';

const SIGNAL = new AbortController().signal;
// How the platform's own answer is built is not laid down: this one is made up.
const BODY = '{"data":{"memory":{"heapUsed":157286400,"rss":"much"},"loop":{"lagUs":2500}}}';

function source(status = 200, body = BODY) {
  const fetchText: FetchText = async () => ({ status, body, tookMs: 1 });
  return createMonitoringSource({
    ...{ url: 'http://x', headers: {}, fetchText },
    places: {
      heap_used_mb: { at: 'data.memory.heapUsed', unit: 'bytes' },
      rss_mb: { at: 'data.memory.rss', unit: 'mib' },
      event_loop_lag_ms: { at: 'data.loop.lagUs', unit: 'us' },
    },
  });
}

it('the monitoring endpoint is read where the configuration says, in its units, and all else is absent', async () => {
  const { values, absent } = await source().read(SIGNAL);
  expect(values.heap_used_mb).toBeCloseTo(157.2864, 6);
  expect(values.event_loop_lag_ms).toBeCloseTo(2.5, 6);
  expect(Object.keys(values)).toHaveLength(2);
  expect(absent).toEqual({
    rss_mb: 'the answer has no number at data.memory.rss',
    heap_total_mb: 'the configuration does not say where the answer has it',
    external_mb: 'the configuration does not say where the answer has it',
  });
});

it('an answer of 401 and one that is no JSON are gaps', async () => {
  await expect(source(401).read(SIGNAL)).rejects.toThrow('answered 401');
  await expect(source(200, '<html>').read(SIGNAL)).rejects.toThrow('no JSON');
});

it('what the platform does not tell is absent with the reason in each line', () => {
  const absent = absentSections({ backend: { health: 'http://127.0.0.1/h' } });
  expect(absent.websocket).toContain('never filled from our own counts');
  expect(absent['backend.heap_used_mb']).toBe('no monitoring endpoint in the configuration');
  expect(absent.docker).toBe('no such source in the configuration');
});
