import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ConfigIssue } from '../errors.js';
import { classOf, type FaultAction, type FaultStep } from '../scenarios/fault-step.js';
import type { Profile } from '../scenarios/profile.js';
import { arrivalsProfile } from '../scenarios/profiles/arrivals.js';
import { allProfiles, findProfile } from '../scenarios/profiles.js';
import { isProfileFile, profileOfText } from './profile-file.js';
import { PROFILE_KEYS } from './profile-parse.js';
import { profileJsonSchema } from './profile-schema.js';
import { STAGE_KEYS, STEP_KEYS } from './profile-stages.js';
import { profileYaml } from './profile-yaml.js';

function read(text: string, path = 'mine.yaml'): Profile {
  const issues: ConfigIssue[] = [];
  const profile = profileOfText(path, text, issues);
  expect(issues).toEqual([]);
  return profile as Profile;
}

function problems(text: string, path = 'mine.yaml'): string[] {
  const issues: ConfigIssue[] = [];
  expect(profileOfText(path, text, issues)).toBeUndefined();
  return issues.map((issue) => `${issue.path}: ${issue.problem}`);
}

const HOLD = 'stages: [{ name: hold, role: hold, for: 1m, from: 10 }]';

describe('a profile file', () => {
  it('draws stages in viewers: each begins where the one before it ended, and is level unless it says otherwise', () => {
    const profile = read(`
title: an evening of mine
stages:
  - { name: come, role: ramp, for: 2m, to: 200 }
  - { name: watch, role: hold, for: 10m, rates: { products: 5s, chat: off } }
  - { name: talk, role: burst, for: 1m, chat: 50/s, least: 30s }
  - { name: fewer, role: drain, for: 0, from: 50, to: 50 }
rates: { chat: 30s, cart-add: 5% }
mix: { hls: 1, flv: 1 }
changes-per-s: 20
judges: [api_success]
`);
    expect(profile).toEqual({
      name: 'mine',
      title: 'an evening of mine',
      stages: [
        { name: 'come', role: 'ramp', durationMs: 120_000, fromShare: 0, toShare: 1 },
        {
          ...{ name: 'watch', role: 'hold', durationMs: 600_000, fromShare: 1, toShare: 1 },
          rates: { productsEveryMs: 5000, chatEveryMs: 'off' },
        },
        {
          ...{ name: 'talk', role: 'burst', durationMs: 60_000, fromShare: 1, toShare: 1 },
          ...{ chatPerS: 50, leastMs: 30_000 },
        },
        { name: 'fewer', role: 'drain', durationMs: 0, fromShare: 0.25, toShare: 0.25 },
      ],
      rates: { chatEveryMs: 30_000, cartAddShare: 0.05 },
      changesPerS: 20,
      judges: ['api_success'],
      defaults: { vus: 200, mix: { hls: 1, flv: 1 } },
    });
  });

  it('is what the README shows', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const shown = /```yaml\n(# mine\.yaml[\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(read(shown).stages.map(({ name }) => name)).toContain('hold');
  });

  it('may be one of steps, or of arrivals', () => {
    const steps = read('steps: { levels: [10, 40], hold: 2m, rise: 10s }');
    expect(steps.steps).toEqual({ levels: [10, 40], holdMs: 120_000, riseMs: 10_000, drainMs: 60_000 });
    expect(steps.stages.map(({ name }) => name)).toEqual(['rise_1', 'step_1', 'rise_2', 'step_2', 'drain']);
    expect(steps.defaults.vus).toBe(40);
    expect(read('arrivals: 12/s for 5m, stay 3m').arrivals?.perS).toBe(12);
  });

  it('may be JSON, with its schema named', () => {
    const json = { $schema: 'x', stages: [{ name: 'hold', role: 'hold', for: '1m', from: 5 }] };
    expect(read(JSON.stringify(json), 'mine.json').defaults.vus).toBe(5);
    expect(problems(`{ "stages": [], }`, 'mine.json')).toEqual(['mine.json:1:17: not JSON']);
  });

  it('breaks things: the faults are read where they stand', () => {
    const stages = HOLD.replace('}]', '}, { name: gone, role: fault, for: 30s }]');
    const text = `${stages}\nfaults:\n  - { name: x, stage: gone, at: 20s, for: 5s, do: { publisher: stop } }`;
    expect(read(text).faults).toMatchObject([{ name: 'x', stage: 'gone', atMs: 20_000, forMs: 5000 }]);
    expect(problems(text.replace('stage: gone', 'stage: gon'))).toEqual([
      'mine.yaml:3: faults[0].stage: no such stage',
    ]);
    expect(problems(text.replace('stage: gone', 'stage: hold'))).toEqual([
      'mine.yaml:3: faults[0].stage: hold is of the role hold: what breaks there would be judged as usual',
    ]);
    expect(problems(text.replace('for: 5s', 'for: 15s'))).toEqual([
      'mine.yaml:3: faults[0].for: lasts longer than its stage gone',
    ]);
  });

  it('tells everything that is wrong at once, each with its line', () => {
    expect(
      problems(`name: my profile
stages:
  - { name: ramp, role: rampe, for: 3, to: -5 }
  - { nam: x, role: hold, for: 5m, rates: { chat: 1, orders: 2% } }
  - { name: a, role: hold, for: 5m, chat: 50 }
  - { name: a, role: hold, for: 5m, chat: 5/s, rates: { chat: 10s } }
  - 17
steps: { levels: [5, 4] }
rates: { chat: 30, foo: 3s }
mix: { hls: 0 }
judges: [api_sucess, api_success, api_success]
`),
    ).toEqual([
      'mine.yaml:1: name: not a name',
      'mine.yaml:8: steps: contradicts stages',
      'mine.yaml:3: stages[0].role: no such one, did you mean ramp?',
      'mine.yaml:3: stages[0].for: not a duration',
      'mine.yaml:3: stages[0].to: out of range',
      'mine.yaml:4: stages[1].nam: no such key, did you mean name?',
      'mine.yaml:4: stages[1].name: missing',
      'mine.yaml:4: stages[1].rates.chat: not a span',
      'mine.yaml:4: stages[1].rates.orders: no such rate of a stage',
      'mine.yaml:5: stages[2].chat: not a rate',
      'mine.yaml:6: stages[3].chat: contradicts rates.chat',
      'mine.yaml:6: stages[3].name: named twice',
      'mine.yaml:2: stages[4]: not a mapping',
      'mine.yaml:2: stages[4].name: missing',
      'mine.yaml:2: stages[4].role: missing',
      'mine.yaml:2: stages[4].for: missing: how long it is',
      'mine.yaml:8: steps.levels[1]: no higher than the step before',
      'mine.yaml:9: rates.chat: not a span',
      'mine.yaml:9: rates.foo: no such action',
      'mine.yaml:10: mix: not a mix',
      'mine.yaml:11: judges[0]: no such row, did you mean api_success?',
      'mine.yaml:11: judges[2]: named twice',
    ]);
  });

  it.each([
    ['', 'mine.yaml: stages: nothing says who comes when'],
    ['- 1', 'mine.yaml: not a mapping'],
    ['stages: []', 'mine.yaml:1: stages: empty'],
    ['stages: 7', 'mine.yaml:1: stages: not a list'],
    ['stages: [{ name: a, role: ramp, for: 1m, to: 5 }]', 'mine.yaml:1: stages: no stage to judge by'],
    ['stages: [{ name: a, role: hold, for: 1m }]', 'mine.yaml:1: stages: no stage has a viewer'],
    ['stages: [{ name: other, role: hold, for: 1m, from: 1 }]', 'mine.yaml:1: stages[0].name: not a name'],
    ['stages: [{ name: a, role: hold, for: 0, from: 1 }]', 'mine.yaml:1: stages: in all out of range'],
    [`${HOLD}\n__proto__: { a: 1 }`, 'mine.yaml:2: __proto__: no such key'],
    [`${HOLD}\ntitle: [[[[[[[1]]]]]]]`, 'mine.yaml:2: title[0][0][0][0][0][0]: nested too deeply'],
    [`a: &x 1\nb: *x`, 'mine.yaml:1:7: anchors are not read here'],
    [`${HOLD}\ntitle: "a\\nb"`, 'mine.yaml:2: title: not one line'],
  ])('refuses %j', (text, problem) => {
    expect(problems(text)[0]).toContain(problem);
  });

  it('is bounded in what it may ask for', () => {
    const many = Array.from({ length: 32 }, (_, i) => `{ name: s${i}, role: hold, for: 1m, from: 1 }`);
    expect(problems(`stages: [${many.join(', ')}]`)).toEqual(['mine.yaml:1: stages: too many']);
    expect(problems('stages: [{ name: a, role: hold, for: 1m, from: 1000000 }]')).toEqual([
      'mine.yaml:1: stages[0].from: out of range',
    ]);
    expect(problems('steps: { levels: [1, 200000] }')).toEqual([
      'mine.yaml:1: steps.levels[1]: not a number of viewers',
    ]);
  });
});

describe('what init writes', () => {
  const faults: FaultStep[] = [
    {
      ...{ name: 'p', stage: 'partition', atMs: 0, forMs: 10_000, graceMs: 45_000 },
      ...{ breaks: 'network', action: { on: 'network', do: 'partition' } },
    },
    {
      ...{ name: 'k', stage: 'media_kill', atMs: 500, forMs: 5000, graceMs: 45_000, breaks: 'media' },
      action: { on: 'run', command: "docker kill 'a: b'", undo: 'docker start "x"', timeLimitMs: 10_000 },
    },
    {
      ...{ name: 's', stage: 'publisher_drop', atMs: 0, forMs: 0, graceMs: 45_000, breaks: 'other' },
      action: { on: 'stage', kind: 'freeze', parameters: { for: 2, words: 'a # b' } },
    },
  ];
  const recovery: Profile = { ...(findProfile('recovery') as Profile), faults };
  const REAL: readonly FaultAction[] = [
    { on: 'network', do: 'partition', cut: { direction: 'in', peers: [{ host: 'fd00::1', port: 80 }] } },
    { on: 'network', do: 'partition', cut: { direction: 'both', peers: [] } },
    {
      on: 'network',
      do: 'throttle',
      bitsPerS: 2_000_000,
      peers: [{ host: 'a.example' }, { host: '10.0.0.5' }],
    },
    { on: 'network', do: 'throttle', bitsPerS: 64_000, interface: 'eth0', peers: [] },
    { on: 'network', do: 'link-down', interface: 'br-1a' },
    { on: 'process', do: 'pause', pidof: 'nginx' },
    { on: 'process', do: 'kill', pidFile: '/run/a b.pid', start: ['sh', '-c', 'x "y" # z'] },
    { on: 'container', do: 'disconnect', container: 'srs', network: 'back' },
    { on: 'container', do: 'kill', container: 'srs' },
  ];
  const real: Profile = {
    ...{ ...recovery, name: 'real' },
    faults: REAL.map((action, index): FaultStep => {
      const step = { name: `r${index}`, stage: 'publisher_drop', atMs: index * 1000, forMs: 500 };
      return { ...step, action, graceMs: 45_000, breaks: classOf(action) };
    }),
  };
  const open = arrivalsProfile({
    ...{ perS: 0.5, spacing: 'paced', forMs: 300_000, stayMs: 60_000, stay: 'exponential' },
  });

  const valid = new Ajv2020({ allowUnionTypes: true }).compile(profileJsonSchema());

  it.each([...allProfiles(), recovery, real, open])('reads back as the profile $name', (profile) => {
    const text = profileYaml(profile, 'x');
    const { name, stages, ...back } = read(text);
    expect(name).toBe(`my-${profile.name}`);
    expect(stages.map((stage) => ({ ...stage, fromShare: 0, toShare: 0 }))).toEqual(
      profile.stages.map((stage) => ({ ...stage, fromShare: 0, toShare: 0 })),
    );
    stages.forEach((stage, i) => {
      expect(stage.fromShare).toBeCloseTo(profile.stages[i]?.fromShare ?? -1, 9);
      expect(stage.toShare).toBeCloseTo(profile.stages[i]?.toShare ?? -1, 9);
    });
    // What a profile of one's own does not have: the special rules of the two short ones.
    const { name: _n, stages: _s, anyLength: _a, chatAtMostPerS: _c, judges, ...wanted } = profile;
    expect({ ...back, judges: [...back.judges].sort() }).toEqual({ ...wanted, judges: [...judges].sort() });
    expect(valid(parse(text)), JSON.stringify(valid.errors)).toBe(true);
    expect(text.split('\n').filter((line) => line.length > 120 && !line.includes('- {'))).toEqual([]);
  });
});

describe('the schema of a profile file', () => {
  it('knows exactly the keys that are read', () => {
    const schema = profileJsonSchema() as {
      properties: Record<string, { items?: { properties?: object }; properties?: object }>;
    };
    expect(Object.keys(schema.properties).sort()).toEqual([...PROFILE_KEYS].sort());
    expect(Object.keys(schema.properties.stages?.items?.properties ?? {}).sort()).toEqual(
      [...STAGE_KEYS].sort(),
    );
    expect(Object.keys(schema.properties.steps?.properties ?? {}).sort()).toEqual([...STEP_KEYS].sort());
  });
});

describe('isProfileFile', () => {
  it.each([
    ['ramp', false],
    ['chatBurst', false],
    ['mine.yaml', true],
    ['mine.YML', true],
    ['./mine', true],
    ['a/b.json', true],
  ])('%s: %s', (named, is) => {
    expect(isProfileFile(named)).toBe(is);
  });
});
