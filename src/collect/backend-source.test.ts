import { describe, expect, it } from 'vitest';
import { createHealthSource, createPrometheusSource, pickNumbers } from './backend-source.js';
import type { FetchText } from './fetch-text.js';
import { parseStubStatus } from './nginx-source.js';
import { parsePrometheus } from './prometheus-text.js';

const SIGNAL = new AbortController().signal;
const always =
  (body: string, status = 200): FetchText =>
  async () => ({ status, body, tookMs: 12 });

/** Written by hand after the description of the text format 0.0.4. */
const PAGE = `# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{method="post",path="/a}b\\"c",} 1027 1395066363000
# TYPE heap gauge
heap 1.5e+06
heap_max +Inf
broken line here
# TYPE lag summary
lag{quantile="0.5"} 0.004
lag_count 12
`;

describe('parsePrometheus', () => {
  it('reads names, labels, values and kinds, and leaves out what is none', () => {
    expect(parsePrometheus(PAGE)).toEqual([
      {
        name: 'http_requests_total',
        labels: 'method="post",path="/a}b\\"c"',
        value: 1027,
        isCumulative: true,
      },
      { name: 'heap', labels: '', value: 1_500_000, isCumulative: false },
      { name: 'lag', labels: 'quantile="0.5"', value: 0.004, isCumulative: false },
      { name: 'lag_count', labels: '', value: 12, isCumulative: true },
    ]);
  });
});

describe('sources of the backend', () => {
  it('a health endpoint that answers 503 is a value and no gap', async () => {
    const { values } = await createHealthSource('http://x', always('', 503)).read(SIGNAL);
    expect(values).toEqual({ health_status: 503, health_ms: 12 });
  });

  it('takes the wanted metrics, growth per second of cumulative ones, and names what is not there', async () => {
    let page = PAGE;
    let nowMs = 0;
    const fetchText: FetchText = async () => ({ status: 200, body: page, tookMs: 1 });
    const options = { name: 'n', url: 'http://x', headers: {}, fetchText };
    const source = createPrometheusSource(options, ['heap', 'lag*', 'gone'], () => nowMs);
    await source.read(SIGNAL);
    nowMs = 5000;
    page = PAGE.replace('lag_count 12', 'lag_count 32');
    const { values, absent } = await source.read(SIGNAL);
    expect(values).toEqual({ heap: 1_500_000, 'lag{quantile="0.5"}': 0.004, 'lag_count:per_s': 4 });
    expect(absent).toEqual({ gone: 'the page has no such metric' });
    nowMs += 100;
    const moment = await source.read(SIGNAL);
    expect(moment.values).not.toHaveProperty('lag_count:per_s');
    expect(moment.absent).toMatchObject({ 'lag_count:per_s': 'over 100 ms a rate says nothing' });
  });

  it('picks numbers of JSON by path; a text that looks like one is none', () => {
    const body = '{"data":{"memory":{"heapUsed":5,"external":"7"}}}';
    const paths = {
      heap: 'data.memory.heapUsed',
      external: 'data.memory.external',
      odd: 'data.constructor.name',
    };
    const { values, absent } = pickNumbers(body, paths);
    expect(values).toEqual({ heap: 5 });
    expect(Object.keys(absent ?? {})).toEqual(['external', 'odd']);
    expect(() => pickNumbers('<html>', paths)).toThrow('no JSON');
  });

  it('reads the page of stub_status', () => {
    const page =
      'Active connections: 291 \nserver accepts handled requests\n 16630948 16630940 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n';
    expect(parseStubStatus(page)).toMatchObject({
      active: 291,
      accepts: 16_630_948,
      handled: 16_630_940,
      waiting: 106,
    });
    expect(parseStubStatus('<html>404</html>')).toBeUndefined();
  });
});
