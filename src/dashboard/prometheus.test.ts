import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { glance } from '../../test/support/dashboard-glance.js';
import { Trend } from '../stats/trend.js';
import { Dashboard } from './dashboard.js';
import { grafanaDashboard, grafanaQueries } from './grafana.js';
import { BUCKETS_S, COUNTERS, HISTOGRAMS, promLabels, promName } from './metric-table.js';
import { metricsPage } from './prometheus.js';

async function page(): Promise<string> {
  const dashboard = new Dashboard({ nowMs: () => 0 });
  dashboard.look(glance());
  return (await metricsPage(dashboard.glance, dashboard.snapshot()?.state.gate)).text;
}

const sampleOf = (text: string, start: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${start} `));
  return line === undefined ? undefined : Number(line.slice(start.length + 1));
};

/** Labels by name of a sample: those of the table, for kinds that never came, and those that the page has. */
function labelsOf(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const labels = new Map<string, Set<string>>(
    COUNTERS.map((name) => [promName(name), new Set(promLabels(name))]),
  );
  for (const line of text.split('\n')) {
    const [, name, list = ''] = /^([a-z_]+[a-z0-9_]*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const known = labels.get(name) ?? new Set();
    for (const [, label = ''] of list.matchAll(/(\w+)="/g)) known.add(label);
    labels.set(name, known);
  }
  return labels;
}

describe('/metrics', () => {
  it('tells counters, gauges and histograms of the run in base units', async () => {
    const text = await page();
    expect(sampleOf(text, 'dorami_load_vus_watching')).toBe(48);
    expect(sampleOf(text, 'dorami_load_vu_joined_total')).toBe(50);
    expect(sampleOf(text, 'dorami_load_played_seconds_total{protocol="flv"}')).toBe(600);
    expect(sampleOf(text, 'dorami_load_received_bytes_total{protocol="flv"}')).toBe(600 * 325_000);
    expect(sampleOf(text, 'dorami_load_first_frame_seconds_count{protocol="hls"}')).toBe(35);
    expect(sampleOf(text, 'dorami_load_first_frame_seconds_sum{protocol="hls"}')).toBeCloseTo(10.5);
    expect(sampleOf(text, 'dorami_load_first_frame_seconds_bucket{protocol="hls",le="0.2"}')).toBe(0);
    expect(sampleOf(text, 'dorami_load_first_frame_seconds_bucket{protocol="hls",le="0.3"}')).toBe(35);
    expect(sampleOf(text, 'dorami_load_first_frame_seconds_bucket{protocol="hls",le="+Inf"}')).toBe(35);
    expect(sampleOf(text, 'dorami_load_generator_health{state="ok"}')).toBe(1);
    expect(sampleOf(text, 'dorami_load_gate_rows{state="pass"}')).toBeGreaterThan(5);
    expect(sampleOf(text, 'dorami_load_api_outcome_total{kind="ok"}')).toBe(350);
    expect(sampleOf(text, 'dorami_load_api_outcome_total{kind="timeout"}')).toBeUndefined();
  });

  it('is of the form that Prometheus reads: a help and a type for each name, once', async () => {
    const lines = (await page()).split('\n');
    const typed = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2] ?? '');
    expect(new Set(typed).size).toBe(typed.length);
    const ends = /_(bucket|sum|count)$/;
    for (const line of lines) {
      if (line === '' || line.startsWith('#')) continue;
      const [, name = ''] = /^([a-z_]+[a-z0-9_]*)(?:\{[^}]*\})? -?[0-9.e+-]+$/.exec(line) ?? [];
      expect(typed.includes(name) || typed.includes(name.replace(ends, '')), line).toBe(true);
    }
    for (const name of typed.filter((each) => each.endsWith('_total')))
      expect(lines).toContain(`# TYPE ${name} counter`);
  });

  it('says before the run begins that there is none', async () => {
    const { text, type } = await metricsPage(undefined, undefined);
    expect(sampleOf(text, 'dorami_load_run_up')).toBe(0);
    expect(type).toContain('version=0.0.4');
  });

  it.each([
    ['running', 1],
    ['paused', 1],
    ['leaving', 1],
    ['silent', 0],
    ['ended', 0],
  ] as const)('says of a run that is %s whether viewers are there: %i', async (kind, up) => {
    const { text } = await metricsPage(glance({ status: { kind, words: '' } }), undefined);
    expect(sampleOf(text, 'dorami_load_run_up')).toBe(up);
  });

  it('has buckets that rise, of every histogram', async () => {
    const text = await page();
    for (const name of HISTOGRAMS) {
      const buckets = text.split('\n').filter((line) => line.startsWith(`${promName(name)}_bucket{`));
      expect(buckets.length, name).toBeGreaterThan(0);
      for (let at = 0; at < buckets.length; at += BUCKETS_S.length + 1) {
        const counts = buckets
          .slice(at, at + BUCKETS_S.length + 1)
          .map((line) => Number(line.split(' ').at(-1)));
        expect(counts, name).toEqual([...counts].sort((a, b) => a - b));
        expect(buckets[at + BUCKETS_S.length], name).toContain('le="+Inf"');
      }
    }
  });
});

describe('Trend.countsUpTo', () => {
  it('counts what is at most so long', () => {
    const trend = new Trend();
    for (const ms of [1, 5, 5, 99, 100, 101, 5000, 3_600_000]) trend.record(ms);
    expect(trend.countsUpTo([0.5, 5, 50, 100, 110, 10_000, 3_600_000])).toEqual([0, 3, 3, 5, 6, 7, 8]);
    expect(new Trend().countsUpTo([1, 2])).toEqual([0, 0]);
  });
});

describe('the dashboard for Grafana', () => {
  it('asks only for what /metrics has', async () => {
    const text = await page();
    const names = grafanaQueries().flatMap((query) => query.match(/dorami_load_[a-z0-9_]+/g) ?? []);
    expect(names.length).toBeGreaterThan(20);
    const told = new Set(text.split('\n').flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []));
    const missing = names.filter((name) => !told.has(name) && !told.has(name.replace(/_bucket$/, '')));
    expect(missing).toEqual([]);
  });

  it('names only labels that its metrics carry, in the file that is imported', async () => {
    const text = await page();
    const file = readFileSync(new URL('../../docs/grafana/dorami-load.json', import.meta.url), 'utf8');
    const { panels } = JSON.parse(file) as {
      readonly panels: readonly {
        readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
      }[];
    };
    const targets = panels.flatMap((panel) => panel.targets);
    expect(targets.map(({ expr }) => expr)).toEqual(grafanaQueries());
    const known = labelsOf(text);
    for (const { expr, legendFormat } of targets) {
      const names = expr.match(/dorami_load_[a-z0-9_]+/g) ?? [];
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      for (const label of [...grouped, ...shown])
        for (const name of names) expect(known.get(name), `${name} by ${label}`).toContain(label);
      expect(expr.split('(').length, expr).toBe(expr.split(')').length);
    }
  });

  it('is a dashboard that asks which Prometheus to use, with panels that do not lie on each other', () => {
    const { panels, __inputs } = grafanaDashboard() as {
      readonly panels: readonly {
        readonly id: number;
        readonly gridPos: { readonly x: number; readonly y: number };
      }[];
      readonly __inputs: readonly { readonly name: string }[];
    };
    expect(__inputs.map(({ name }) => name)).toEqual(['DS_PROMETHEUS']);
    expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x}/${y}`)).size).toBe(panels.length);
  });
});
