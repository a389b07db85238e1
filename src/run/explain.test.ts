import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  api,
  END_MS,
  healthyRun,
  PHASES,
  player,
  recorderOf,
  reported,
  times,
  WATCHED,
} from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import { ConfigError } from '../errors.js';
import type { ViewerEvent } from '../events.js';
import { widthOf } from '../report/text-width.js';
import { KPI_IDS } from '../stats/kpis.js';
import type { Recorder } from '../stats/recorder.js';
import { encodeTick } from '../stats/tick-codec.js';
import { explainable, explainRun } from './explain.js';
import { RUN_FILES } from './run-folder.js';

const PLAIN = { color: false };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'explain-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Written {
  readonly events?: readonly ViewerEvent[];
  readonly notable?: readonly object[];
  /** Called once a second of run time, before that second's tick is taken. */
  each?(recorder: Recorder, atMs: number): void;
  readonly killed?: boolean;
}

/** The folder of a run of a minute that one worker wrote, a tick a second. */
async function write({ events = [], notable = [], each, killed = false }: Written): Promise<void> {
  const recorder = recorderOf();
  const waiting = [...events].sort((a, b) => a.atMs - b.atMs);
  const lines: string[] = [];
  for (let toMs = 1000; toMs <= END_MS; toMs += 1000) {
    while (waiting[0] !== undefined && waiting[0].atMs < toMs) {
      recorder.on(reported(waiting.shift() as ViewerEvent));
    }
    recorder.gauge('vus_watching_count', 40);
    recorder.observe('event_loop_delay_ms', 3, toMs - 1);
    each?.(recorder, toMs - 1);
    lines.push(...recorder.takeTick(toMs, toMs === END_MS && !killed).map(encodeTick));
  }
  const record = {
    ...recordOf(),
    phases: PHASES,
    planned: { vus: 50, byProtocol: { hls: 35, flv: 15 }, users: 50, writes: true },
  };
  await writeFile(join(folder, RUN_FILES.run), JSON.stringify(record));
  await writeFile(join(folder, RUN_FILES.ticks), `${lines.join('\n')}\n${killed ? '{"v":1' : ''}`);
  const kept = killed ? notable : [...notable, { kind: 'run_ended', atMs: END_MS, counts: {} }];
  await writeFile(join(folder, RUN_FILES.events), kept.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

/** Nobody answers from 30 s to 40 s. */
const outage: readonly ViewerEvent[] = times(40, (i) => ({
  ...api(false, 900),
  outcome: 'server_fault' as const,
  status: 502,
  atMs: 31_000 + i * 100,
})) as readonly ViewerEvent[];
const badAnswers = times(3, (vu) => ({
  kind: 'api_call',
  atMs: 31_500 + vu,
  worker: 0,
  vu,
  detail: 'products server_fault 502',
}));

const explain = async (id: Parameters<typeof explainRun>[1]) => (await explainRun(folder, id, PLAIN)).text;

describe('a row that failed', () => {
  beforeEach(() => write({ events: [...healthyRun(), ...outage], notable: badAnswers }));

  it('says what it is, how it is made and what it should be', async () => {
    const text = await explain('api_success');
    expect(text).toMatch(/^API success: failed$/m);
    expect(text).toMatch(/^value +89\.74 %, wanted > 99 %$/m);
    expect(text).toMatch(/^samples +390 calls without business refusals/m);
    expect(text).toMatch(/^beside it +ok 350, server fault 40$/m);
    expect(text).toMatch(/^formula +calls with a 2xx and the agreed body/m);
    expect(text).toMatch(/^from +api_outcome_count.*over the run, planned faults left out$/m);
    expect(text).toMatch(/^source +strategy 1\.4$/m);
  });

  it('shows each phase, and each 10 s with its time, value and samples', async () => {
    const text = await explain('api_success');
    expect(text).toMatch(/^ {2}hold +89\.74 % {2}n 390$/m);
    expect(text).toMatch(/^ {2}ramp +- {2}n 0$/m);
    expect(text).toMatch(/^ +0:20 hold +█{30} +100 % {2}n 350$/m);
    expect(text).toMatch(/^ +0:30 hold .* ✗ +0 % {2}n 40$/m);
    expect(text.match(/^ +0:[0-5]0 /gm)).toHaveLength(6);
  });

  it('names the worst moment, what stands near it, and whose it is', async () => {
    const text = await explain('api_success');
    expect(text).toMatch(
      /^worst moment {2}0:30 to 0:40 \(from 08:00:30 UTC\), hold: 0 % of 40 samples, beyond$/m,
    );
    expect(text).toMatch(/^near it +0:32 api_call products server_fault 502, 3 alike$/m);
    expect(text).toMatch(/^points to +the platform, or the network to it: our own machine was on time/m);
    expect(text).toMatch(/^look next +throttled:/m);
  });

  it('says to which ten seconds that counts which ended in later ones', async () => {
    expect(await explain('api_success')).toContain('at a border counts on its later side.');
    expect(await explain('join_root')).toContain('at a border counts where it began.');
  });

  it('passes on the verdict of the run', async () => {
    const { conclusion } = await explainRun(folder, 'api_success', PLAIN);
    expect(conclusion.summary.verdict).toBe('fail');
  });
});

it('a row that the run is too small for blames nobody, whatever its value', async () => {
  const watched = healthyRun().filter(({ kind }) => kind !== 'api_call');
  await write({ events: [...watched, ...outage.slice(0, 5)], notable: badAnswers });
  const path = join(folder, RUN_FILES.run);
  const record = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...record, exempt: { api_success: 'too small a run' } }));
  const text = await explain('api_success');
  expect(text).toMatch(/^API success: not judged$/m);
  expect(text).toMatch(/^value +0 %/m);
  expect(text).toMatch(/^points to +nobody: this run does not judge the row$/m);
  expect(text).not.toContain('look next');
});

describe('our own lateness', () => {
  it('is named when it stood at the worst moment', async () => {
    await write({
      events: [...healthyRun(), ...outage],
      each: (recorder, atMs) => {
        if (atMs > 33_000 && atMs < 33_999.5) recorder.count('lagged_viewer_ms', 5000, atMs);
      },
    });
    const text = await explain('api_success');
    expect(text).toMatch(/^points to +perhaps ourselves: our own machine was late at the worst moment/m);
  });

  it('is shown both ways where it may have made rebuffers', async () => {
    const stall = { startedAtMs: 30_000, durationMs: 500, cutOff: false };
    await write({
      events: [
        ...healthyRun(),
        player('hls', { kind: 'rebuffer_started', startedAtMs: 30_000 }, 30_500),
        player('hls', { kind: 'rebuffer_ended', ...stall }, 30_500),
        player('hls', { ...WATCHED, stalledMs: 500 }, 30_600),
      ],
    });
    expect(await explain('rebuffer_ratio')).toMatch(/^value +0\.025 %, wanted < 0\.5 %$/m);
  });

  it('explains why a run is invalid, and when that came', async () => {
    await write({
      events: healthyRun(),
      each: (recorder, atMs) => {
        if (atMs > 43_000 && atMs < 43_999.5) recorder.count('lagged_viewer_ms', 30_000, atMs);
      },
      notable: [{ kind: 'action_late', atMs: 43_100, worker: 0, vu: 3, detail: '412 ms' }],
    });
    const text = await explain('validity');
    expect(text).toMatch(/^validity: the run is invalid$/m);
    expect(text).toMatch(/^because +our own event loop held up 1\.3 % of the viewer-time/m);
    expect(text).toMatch(/^ +0:40 hold .* ✗ +7\.5 %$/m);
    expect(text).toMatch(/^worst moment {2}0:40 to 0:50/m);
    expect(text).toMatch(/^near it +0:43 action_late 412 ms$/m);
    expect(text).toMatch(/^look next +fewer viewers/m);
    expect(await explain('api_success')).toMatch(/^points to +nobody: the run is invalid/m);
  });

  it('of a valid run is shown, and nobody is told to do anything', async () => {
    await write({ events: healthyRun() });
    const text = await explain('validity');
    expect(text).toMatch(/^validity: the run is valid/m);
    expect(text).not.toContain('look next');
  });
});

describe('whatever is in the folder', () => {
  it('every row can be explained, in 80 columns, without NaN', async () => {
    await write({ events: [...healthyRun(), ...outage], notable: badAnswers });
    for (const id of [...KPI_IDS, 'validity' as const]) {
      const text = await explain(id);
      expect(text.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
      expect(text).not.toMatch(/NaN|undefined|Infinity|null/);
    }
  });

  it('a run without a tick explains that nothing was measured', async () => {
    await write({ events: [] });
    await writeFile(join(folder, RUN_FILES.ticks), '');
    const text = await explain('api_success');
    expect(text).toMatch(/^API success: no data$/m);
    expect(text).toMatch(/^worst moment {2}nothing was measured$/m);
  });

  it('a killed run is explained up to its last whole tick', async () => {
    await write({ events: [...healthyRun(), ...outage], killed: true });
    const { text, conclusion } = await explainRun(folder, 'api_success', PLAIN);
    expect(text).toMatch(/^worst moment {2}0:30 to 0:40/m);
    expect(conclusion.summary.exitCode).toBe(105);
  });

  it('events that are none do no harm', async () => {
    await write({ events: [...healthyRun(), ...outage] });
    const junk = ['null', '7', '{"kind":3,"atMs":31000}', '{"kind":"x"}', '{', `"${'x'.repeat(20_000)}"`];
    await writeFile(
      join(folder, RUN_FILES.events),
      `${junk.join('\n')}\n{"kind":"a\\u001b[2J","atMs":31000}\n`,
    );
    const text = await explain('api_success');
    expect(text).toMatch(/^near it +0:31 a \[2J$/m);
  });

  it('a folder that is none is refused', async () => {
    await expect(explainRun(join(folder, 'nothing'), 'validity', PLAIN)).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('what can be explained', () => {
  it('is each row, and validity by both of its names', () => {
    expect([explainable('api_success'), explainable('validity'), explainable('invalid')]).toEqual([
      'api_success',
      'validity',
      'validity',
    ]);
  });

  it.each([
    ['api_sucess', /did you mean api_success\?.*wanted first_frame_p95_flv, .*, validity/],
    ['zzz', /no such row of the gate \(seen zzz, wanted first_frame_p95_flv/],
    ['__proto__', /no such row of the gate/],
  ])('is not %s', (id, words) => {
    expect(() => explainable(id)).toThrow(words);
  });
});
