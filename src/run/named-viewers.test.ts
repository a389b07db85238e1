import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api, phasesOf, player, recorderOf, reported, times, WATCHED } from '../../test/support/measured.js';
import { recordOf } from '../../test/support/run-record.js';
import type { ViewerEvent } from '../events.js';
import { createRedact } from '../redact.js';
import { createLagLog } from '../stats/lag.js';
import { Moments } from '../stats/moments.js';
import { NotableEvents } from '../worker/notable.js';
import { type Conclusion, conclude } from './conclude.js';
import { eventsNear } from './events-near.js';
import { explainRun } from './explain.js';
import { Intake } from './intake.js';
import { judgeFolder } from './judge-command.js';
import { readEvents } from './report-events.js';
import { type AppendFile, RUN_FILES, RunFolder } from './run-folder.js';
import type { RunRecord } from './run-record.js';
import { troubledLine } from './troubled-lines.js';

const HOUR_MS = 3_600_000;
const END_MS = HOUR_MS + 600_000;
const STEP_MS = 5000;
const TROUBLE_MS = HOUR_MS + 300_000;
const VICTIMS = [3, 17, 31];
const PHASES = phasesOf(['ramp', 'ramp', 10], ['hold', 'hold', 4180], ['drain', 'drain', 10]);
const record = recordOf({
  phases: PHASES as RunRecord['phases'],
  rows: ['api_success', 'rebuffer_ratio'],
  exempt: {},
  workers: 1,
});

const failed = (): ViewerEvent => ({ ...api(false), outcome: 'server_fault', status: 502 }) as ViewerEvent;
const watched = (stalledMs: number) => ({ ...WATCHED, playedMs: 10_000 - stalledMs, stalledMs });

/** An hour and ten minutes as one thread tells them: others fail and stall first, and three viewers much worse in hour two. */
function play(intake: Intake): void {
  const recorder = recorderOf(0, createLagLog(), PHASES);
  const notable = new NotableEvents();
  let nowMs = 0;
  const tell = (vu: number, event: ViewerEvent): void => {
    const one = reported({ ...event, atMs: nowMs }, vu);
    recorder.on(one);
    const line = notable.pick(one);
    if (line) intake.take(0, line);
  };
  for (; nowMs < END_MS; nowMs += STEP_MS) {
    if (nowMs % 10_000 === 0) {
      for (const vu of [0, 1, 2])
        tell(vu, player('hls', watched(vu === 2 && nowMs % 60_000 === 30_000 ? 50 : 0)));
      times(19, () => tell(0, api(true)));
      if (nowMs < HOUR_MS) tell(5 + ((nowMs / 10_000) % 7), failed());
    }
    if (nowMs === TROUBLE_MS) {
      for (const vu of VICTIMS) times(30, () => tell(vu, failed()));
      for (const vu of VICTIMS) tell(vu, player('hls', watched(9000)));
    }
    const toMs = nowMs + STEP_MS;
    const vus = notable.troubled.take();
    if (vus) intake.take(0, { kind: 'troubled', fromMs: nowMs, toMs, vus });
    for (const tick of recorder.takeTick(toMs, toMs === END_MS)) intake.take(0, { kind: 'tick', tick });
  }
}

const written = { ticks: '', events: '' };
let live: Conclusion;
let folder: string;

async function folderOf(ticks: string, events: string): Promise<string> {
  await writeFile(join(folder, RUN_FILES.run), JSON.stringify(record));
  await writeFile(join(folder, RUN_FILES.ticks), ticks);
  await writeFile(join(folder, RUN_FILES.events), events);
  return folder;
}

const namedBy = ({ summary }: Conclusion, id: string) => summary.kpis.find((row) => row.id === id)?.evidence;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'named-'));
  const fileOf = (name: keyof typeof written): AppendFile => ({
    async appendFile(text) {
      written[name] += text;
    },
    close: async () => {},
  });
  const run = new RunFolder('run', fileOf('ticks'), fileOf('events'), () => {});
  const intake = new Intake(run, createRedact([]));
  play(intake);
  intake.end(END_MS);
  await run.close();
  live = conclude(record, intake.totals, intake.ending.ending(), intake.moments);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('three viewers in trouble in hour two, after a hundred events of others', () => {
  it('are those that the run names, for each row that their trouble is a part of', () => {
    const first = written.events.split('\n').filter((line) => line.includes('"kind":"api_call"'));
    expect(first).toHaveLength(100);
    expect(first.some((line) => VICTIMS.some((vu) => line.includes(`"vu":${vu},`)))).toBe(false);
    for (const id of ['api_success', 'rebuffer_ratio']) {
      const evidence = namedBy(live, id);
      expect(evidence?.worst?.fromMs).toBe(TROUBLE_MS);
      expect(evidence?.vus).toEqual(VICTIMS);
    }
  });

  it('are named by the folder as by the run, and by the explanation', async () => {
    const again = await judgeFolder(await folderOf(written.ticks, written.events));
    expect(JSON.parse(JSON.stringify(again.summary))).toEqual(JSON.parse(JSON.stringify(live.summary)));
    const { text } = await explainRun(folder, 'rebuffer_ratio', { color: false });
    expect(text).toContain('VU 3, 17, 31 (in the worst ten seconds of its window)');
    expect(text).toMatch(/worst moment {2}1:05:00 to 1:05:10/);
  });

  it('are named by the folder of a run that was killed right after', async () => {
    const upTo = (text: string, lastMs: number, key: 'toMs' | 'atMs'): string =>
      text
        .split('\n')
        .filter((line) => line !== '' && (JSON.parse(line) as Record<typeof key, number>)[key] <= lastMs)
        .join('\n');
    const killedMs = TROUBLE_MS + STEP_MS;
    const killed = await judgeFolder(
      await folderOf(
        `${upTo(written.ticks, killedMs, 'toMs')}\n{"v":1,"bo`,
        `${upTo(written.events, killedMs, 'atMs')}\n{"kind":"troub`,
      ),
    );
    expect(namedBy(killed, 'api_success')?.vus).toEqual(VICTIMS);
  });

  it('do not turn up among the events that are shown', async () => {
    await folderOf(written.ticks, written.events);
    expect(written.events).toContain('"troubled"');
    const near = await eventsNear(folder, 0, END_MS);
    const shown = await readEvents(folder);
    expect([...near, ...shown].map(({ kind }) => kind)).not.toContain('troubled');
  });
});

describe('the lists of viewers', () => {
  it('are less than 7 MB an hour where every kind of trouble meets new viewers all the time', () => {
    const moments = new Moments();
    const kinds = times(32, (i) => `sequence_reset_${i}`);
    let bytes = 0;
    for (let at = 0; at < 3600; at++) {
      const vus = Object.fromEntries(kinds.map((kind) => [kind, times(3, (i) => 10_000 + at * 3 + i)]));
      const named = moments.name({ fromMs: at * 1000, toMs: at * 1000 + 1000 }, vus);
      bytes += named === undefined ? 0 : JSON.stringify(troubledLine(named)).length + 1;
    }
    expect(bytes).toBeGreaterThan(1e6);
    expect(bytes).toBeLessThan(7e6);
  });
});

describe('a folder that somebody else wrote', () => {
  it('is judged whatever its lists of viewers hold', async () => {
    const lines = [
      '{"kind":"troubled"}',
      '{"kind":"troubled","atMs":-5,"vus":{}}',
      '{"kind":"troubled","atMs":1e300,"vus":{"api_call":[1]}}',
      '{"kind":"troubled","atMs":0,"vus":[["api_call"]]}',
      '{"kind":"troubled","atMs":0,"vus":{"__proto__":[1],"api_call":"all","stalled":[1.5,"2",-3,null]}}',
      `{"kind":"troubled","atMs":${TROUBLE_MS},"vus":{"api_call":[4,4,4]}}`,
      '"troubled"',
    ].join('\n');
    const { summary } = await judgeFolder(await folderOf(written.ticks, `${lines}\n`));
    const row = summary.kpis.find(({ id }) => id === 'api_success');
    expect(row?.evidence?.vus).toEqual([4]);
  });
});
