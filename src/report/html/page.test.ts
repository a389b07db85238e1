import { describe, expect, it } from 'vitest';
import { HOSTILE, hostile } from '../../../test/support/hostile-summary.js';
import { api, healthyRun, times } from '../../../test/support/measured.js';
import { overTimeOf, reportInputOf } from '../../../test/support/report-input.js';
import { threeBoxes, twoOfThreeBoxes } from '../../../test/support/three-boxes.js';
import type { ViewerEvent } from '../../events.js';
import type { Parity } from '../../parity/parity-schema.js';
import type { ReportInput } from '../report-input.js';
import { summaryMarkdown } from '../summary-md.js';
import { formatVerdictLine } from '../verdict-line.js';
import { escapeHtml, html } from './html.js';
import { reportPage } from './page.js';

const ASSETS = { scripts: ['one()', 'two()'], styles: ['a{}', 'b{}'] };
const failed = times(
  90,
  (): ViewerEvent => ({ ...api(false), outcome: 'server_fault', status: 500 }) as ViewerEvent,
);
const good = reportInputOf(healthyRun());
const bad = reportInputOf([...healthyRun(), ...failed]);

const pageOf = (input: ReportInput): string => reportPage(input, overTimeOf(input), ASSETS);
/** What a reader sees, without its markup. */
const textOf = (page: string): string =>
  page.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<[^>]*>/g, ' ');
const idsOf = (page: string): string[] => [...page.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id);

/** Everything that others may have written, trying to get out. */
function planted(input: ReportInput): ReportInput {
  const { record } = input;
  return {
    ...input,
    summary: hostile(input.summary),
    record: {
      ...record,
      ...{
        title: HOSTILE,
        behaviour: HOSTILE,
        embeddedStage: false,
        stageFaults: [`${HOSTILE}:at=3,for=2,x=${HOSTILE}`],
      },
      phases: record.phases.map((phase) => ({ ...phase, name: `${phase.name}${HOSTILE}` })),
      target: { apiUrl: HOSTILE, socketUrl: HOSTILE, flvUrl: HOSTILE, hlsUrl: HOSTILE, streamKey: HOSTILE },
      settings: [{ key: HOSTILE, value: [HOSTILE], source: HOSTILE }],
      host: { name: HOSTILE, os: HOSTILE, cpu: HOSTILE },
      preflight: { checks: [{ part: HOSTILE, status: 'warning', text: HOSTILE }] },
    },
    events: [{ kind: 'own_fault', atMs: 20_500, detail: HOSTILE }],
    place: { folder: HOSTILE, tool: 'dorami-load' },
  };
}

/** As `dorami-load parity` would have found it. */
function comparedWith(text: string): Parity {
  const value = { value: text, from: 'compose' };
  const row = { component: text, section: '4.1', notes: [text] };
  return {
    ...{ v: 1, madeAt: '2026-11-23T03:00:00.000Z' },
    counts: { same: 0, differs: 1, documented: 0, open: 1 },
    rows: [
      {
        ...{ ...row, id: 'srs-config', state: 'differs', production: value, staging: value },
        differences: [{ where: text, production: { text, line: 3 } }],
      },
      { ...row, id: 'ecs', state: 'open', questions: [{ of: ['staging'], question: text, command: text }] },
    ],
  };
}

describe('reportPage', () => {
  it('shows what was compared with production in place of rows that nobody looked at', () => {
    const without = textOf(pageOf(good));
    expect(without).toContain('nginx worker_connections');
    const record = { ...good.record, embeddedStage: false, parity: comparedWith('<b>x') };
    const page = pageOf({ ...good, record });
    expect(page).not.toContain('<b>x');
    const text = textOf(page).replace(/\s+/g, ' ');
    expect(text).toContain('0 of 2 rows the same, 1 differs (srs-config), 1 open (ecs)');
    expect(text).toContain('&lt;b&gt;x: production &quot;&lt;b&gt;x&quot; (line 3), staging says nothing');
    expect(text).toContain('not known not known open: nobody said');
    expect(text).not.toContain('not checked (dorami-load parity)');
    expect(text).toContain('Cores for the load (4.3)');
  });

  it('tells apart the machine of the coordinator and what the boxes took', () => {
    const alone = textOf(pageOf(good)).replace(/\s+/g, ' ');
    expect(alone).toMatch(/This machine Name .* Node\.js \S+ Workers/);
    const summary = { ...good.summary, boxes: threeBoxes() };
    const text = textOf(pageOf({ ...good, summary })).replace(/\s+/g, ' ');
    expect(text).not.toContain('This machine');
    expect(text).toContain('Load boxes 3 of 3: a 4 viewers, b 4 viewers, c 4 viewers');
    expect(text).toMatch(
      /The coordinator Name .* Node\.js \S+ The load boxes together Workers \d+ Memory at most/,
    );
  });

  it('has a row for each load box, and when those were lost that were', () => {
    const summary = { ...good.summary, boxes: twoOfThreeBoxes() };
    const text = textOf(pageOf({ ...good, summary })).replace(/\s+/g, ' ');
    expect(text).toContain('b h1 4 2 4 −0.1 ms ± 2 ms – 60 ms 2.5 s 120 MB – 61 c h2');
    expect(text).toContain('17.6 s 61 box c was lost at 15.4 s: no sign of life for 5.3 s The clock');
  });

  it('says from where somebody was sent ahead', () => {
    const preflight = { checks: [{ part: 'REST', status: 'ok', text: 'live' }] };
    const record = { ...good.record, preflight };
    expect(textOf(pageOf({ ...good, record }))).toMatch(/Before the run\s/);
    const summary = { ...good.summary, boxes: threeBoxes() };
    expect(textOf(pageOf({ ...good, summary, record }))).toContain('Before the run, from the coordinator');
    expect(textOf(pageOf({ ...good, record }))).not.toContain('from the coordinator');
  });

  it('tells of addresses of this machine only where viewers came from it', () => {
    const record = { ...good.record, localIps: ['10.0.0.1', '10.0.0.2'] };
    expect(textOf(pageOf({ ...good, record }))).toContain('2 addresses of this machine');
    const summary = { ...good.summary, boxes: threeBoxes() };
    expect(textOf(pageOf({ ...good, summary, record }))).not.toContain('addresses of');
  });

  it('of a run that ended for its lost boxes does not blame a bottleneck', () => {
    const invalid = (code: string) => {
      const because = { verdict: 'invalid' as const, invalidReasons: [{ code, text: 'because' }] };
      return textOf(pageOf({ ...good, summary: { ...good.summary, ...because, boxes: twoOfThreeBoxes() } }));
    };
    const blame = 'what made the load was its own bottleneck';
    expect(invalid('box_lost')).not.toContain(blame);
    expect(invalid('box_lost')).toContain('load boxes were lost, and their viewers with them');
    expect(invalid('event_loop_lag')).toContain(blame);
  });

  it('tells of the faults that were made, what became of them, and who came back', () => {
    const faults = [
      {
        ...{
          name: 'cut<b>',
          what: 'network partition for 5 s',
          breaks: 'network',
          atMs: 20_000,
          forMs: 5000,
        },
        ...{ doneAtMs: 20_449, undoneAtMs: 29_960, outcome: 'undone', error: 'HTTP 409 <i>' },
      } as const,
      {
        ...{ name: 'never', what: 'media kill for 5 s', breaks: 'media', atMs: 50_000, forMs: 5000 },
        ...{ doneAtMs: null, undoneAtMs: null, outcome: 'not_begun' },
      } as const,
    ];
    const recovery = [
      {
        ...{ faults: ['cut<b>'], breaks: 'network', phase: 'hold', faced: 50, withinMs: 5000, inTime: 44 },
        ...{ late: 3, missing: 2, untold: 1, back: { count: 47, p50Ms: 900, p95Ms: 5200, maxMs: 7100 } },
        reconnects: null,
      } as const,
    ];
    const page = pageOf({ ...good, summary: { ...good.summary, faults: [...faults], recovery } as never });
    const text = textOf(page).replace(/\s+/g, ' ');
    expect(page).not.toMatch(/cut<b>|409 <i>/);
    expect(text).toContain(
      'cut&lt;b&gt; network partition for 5 s 0:20.4 0:30.0 undone by the supervisor of the run: HTTP 409 &lt;i&gt;',
    );
    expect(text).toContain('never media kill for 5 s – (planned at 0:50) – not begun');
    expect(text).toContain('cut&lt;b&gt; 50 44 within 5.0 s 3 2 1 900 ms 5.2 s 7.1 s 0 – –');
    expect(page).toContain('<a href="#faults">Faults</a>');
    expect(pageOf(good)).not.toContain('id="faults"');
  });

  it('says at the very top what was broken on purpose, and in each card all that was there', () => {
    const stageFaults = ['drop-sockets:at=20', 'refuse-sockets:at=20,for=8', `${HOSTILE}:at=50`];
    const page = pageOf(reportInputOf([...healthyRun(), ...failed], { stageFaults }));
    const text = textOf(page).replace(/\s+/g, ' ');
    expect(page).not.toContain(HOSTILE);
    expect(text).toMatch(
      /Broken on purpose while it was measured: .*drop-sockets 0:20; refuse-sockets 0:20–0:28/,
    );
    expect(text.indexOf('Broken on purpose')).toBeLessThan(text.lastIndexOf('What went wrong'));
    expect(text).toContain('“drop-sockets”, “refuse-sockets” were done to it on purpose then');
    expect(textOf(pageOf(good))).not.toContain('on purpose');
  });

  it('counts the rows that were not judged in one way everywhere', () => {
    const { summary, place } = good;
    const count = summary.kpis.filter(({ status }) => status === 'not_judged').length;
    const all = summary.kpis.length;
    const text = textOf(pageOf(good)).replace(/\s+/g, ' ');
    expect(formatVerdictLine(summary)).toContain(`; ${count} of ${all} rows not judged`);
    expect(text.match(/\d+ of \d+ rows (were )?not judged/g)).toEqual([
      `${count} of ${all} rows not judged`,
      `${count} of ${all} rows not judged`,
      `${count} of ${all} rows were not judged`,
    ]);
    expect(summaryMarkdown(summary, place)).toContain(`<summary>${count} not judged</summary>`);
  });

  it('draws each row of times that is judged over the hold', () => {
    const { summary } = good;
    const timed = summary.kpis.filter(
      ({ unit, window, status }) => unit === 'ms' && window === 'hold' && status === 'pass',
    );
    expect(timed.length).toBeGreaterThan(5);
    for (const { id } of timed) {
      const points = overTimeOf(good).rows.get(id) ?? [];
      expect(
        points.some(({ value }) => value !== undefined),
        id,
      ).toBe(true);
    }
  });

  it('says the verdict first, then what went wrong, then the gate', () => {
    const text = textOf(pageOf(bad));
    const at = [
      'FAIL (viewer, smoke)',
      'What went wrong, and when',
      'The gate: ',
      'What was not measured',
    ].map((words) => text.lastIndexOf(words));
    expect(at.every((place) => place >= 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(text).toContain('the platform, or the network to it');
  });

  it('points to our own machine only where it was late enough to be seen', () => {
    const at = (ms: number) =>
      reportInputOf([...healthyRun(), ...failed], {
        loopMs: (atMs) => (atMs > 20_000 && atMs < 21_000 ? ms : 3),
      });
    expect(textOf(pageOf(at(45)))).toContain('the platform, or the network to it');
    expect(textOf(pageOf(at(45)))).not.toContain('perhaps ourselves');
    expect(textOf(pageOf(at(130)))).toContain('perhaps ourselves');
  });

  it('tells the size of the run from that of the profile as it is drawn', () => {
    const record = { ...good.record, title: 'one minute, 500 viewers' };
    const scaled = { ...record, planned: { ...record.planned, vus: 1, timeScale: 0.1 } };
    expect(textOf(pageOf({ ...good, record }))).toContain(
      'smoke with 50 viewers; drawn as: one minute, 500 viewers',
    );
    expect(textOf(pageOf({ ...good, record: scaled }))).toContain(
      'smoke with 1 viewer, scaled by 0.1; drawn as',
    );
  });

  it('has no part about failures in a run that passed', () => {
    expect(textOf(pageOf(good))).not.toContain('What went wrong, and when');
  });

  it('has each judged row with its value, bound and formula, and each unjudged one with its reason', () => {
    const page = pageOf(bad);
    for (const { id, status, title } of bad.summary.kpis) {
      expect(page.includes(`id="row-${id}"`), id).toBe(status !== 'not_judged');
      expect(textOf(page)).toContain(escapeHtml(title));
    }
    expect(textOf(page)).toContain('No collector on the platform (gate viewer)');
  });

  it('names no address, and lets nothing run but its own scripts', () => {
    const page = pageOf(bad);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).not.toContain('unsafe');
    expect(policy.match(/sha256-/g)).toHaveLength(4);
    expect(page.replaceAll(good.summary.run.target, '')).not.toMatch(/https?:\/\//);
    expect(page).not.toMatch(/ (?:src|style|on\w+)=/);
  });

  it('shows what others wrote as text: it ends no element and begins none', () => {
    for (const input of [good, bad]) {
      const page = pageOf(planted(input));
      const tags = (text: string): string[] => [...text.matchAll(/<\/?[a-z!][^\s>]*/gi)].map(([tag]) => tag);
      expect(new Set(tags(page))).toEqual(new Set(tags(page).filter((tag) => tag !== '<img')));
      expect(page.match(/<script/g)).toHaveLength(3);
      expect(page.match(/<\/script>/g)).toHaveLength(3);
      expect(page).not.toContain('<img');
      expect(textOf(page)).toContain('&lt;/script&gt;&lt;img src=');
    }
  });

  it('has no id twice, and no link to nowhere', () => {
    const page = pageOf(bad);
    const ids = idsOf(page);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id = '']) => id);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('says what each chart shows in words and in numbers', () => {
    const page = pageOf(bad);
    expect(page).toMatch(
      /aria-label="First frame over time\. FLV p50 from 300 ms to 300 ms, highest at 0:00 \(ramp\);/,
    );
    const chart = page.slice(page.indexOf('id="chart-latency"'));
    const row = /<tr><th scope="row">FLV p95<\/th>(.*?)<\/tr>/.exec(chart)?.[1] ?? '';
    expect([...row.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell]) => cell)).toEqual([
      '–',
      '1.5 s',
      '–',
      '1.5 s',
    ]);
  });

  it('says how many viewers a platform carries, of a run that looked for it', () => {
    const step = { phase: 'step-100', fromMs: 0, toMs: 60_000, failed: [], reason: '' };
    const escalation = {
      ...{ sentence: `System breaks at 130 CCU due to ${HOSTILE}`, finished: true, targetVus: 100 },
      ...{ holds: 124, breaksAt: 130, headroomPct: 30, decidingStep: 'step-124' },
      steps: [
        {
          ...step,
          vus: 130,
          outcome: 'broke',
          failed: [{ id: 'ready_root', words: 'Sockets ready / is 80 %' }],
        },
        { ...step, vus: 100, outcome: 'held' },
      ],
    };
    const page = pageOf({ ...good, summary: { ...good.summary, escalation } as ReportInput['summary'] });
    expect(textOf(page)).toMatch(
      /System breaks at 130 CCU[\s\S]*✓ held[\s\S]*✗ broke[\s\S]*Sockets ready \/ is 80 %/,
    );
    expect(textOf(page)).toContain('about the target alone: 100 viewers are carried.');
    expect(textOf(page)).toContain('The gate below shows the rows of step-124.');
    expect(page).not.toContain('<img');
    expect(pageOf(good)).not.toContain('id="escalation"');
  });

  it('is a page for a run in which nothing was measured, too', () => {
    const none = { ...good, ticks: [], summary: { ...good.summary, verdict: 'no_data' as const } };
    expect(textOf(pageOf(none))).toContain('Nothing was measured.');
  });
});

describe('html', () => {
  it('escapes every value that is not markup already', () => {
    expect(html`<p title="${'"x"'}">${['<b>', html`<i>`, 3, undefined]}</p>`.markup).toBe(
      '<p title="&quot;x&quot;">&lt;b&gt;<i>3</p>',
    );
  });

  it('takes out what cannot be seen or turns the line around', () => {
    expect(escapeHtml('a\u0000b\u202ec\u2066d\u0007')).toBe('abcd');
  });
});
