import { describe, expect, it } from 'vitest';
import { createPlan, phaseAt } from './plan.js';
import { allProfiles, findProfile } from './profiles.js';

/** `5:00` in minutes and seconds, `5:50:00` in hours -> ms. */
function ms(text: string): number {
  return text.split(':').reduce((total, part) => total * 60 + Number(part), 0) * 1000;
}

/**
 * Each drawing once more: the corners of the line as [instant, viewers], and the phases as [instant, name, role].
 * A level is read just before and just after a corner, so that a step would show.
 */
const DRAWINGS: Readonly<Record<string, Drawing>> = {
  smoke: {
    corners: [
      ['0:00', 0],
      ['0:10', 50],
      ['0:55', 50],
      ['1:00', 0],
    ],
    phases: [
      ['0:00', 'ramp', 'ramp'],
      ['0:10', 'hold', 'hold'],
      ['0:55', 'drain', 'drain'],
    ],
  },
  baseline: {
    corners: [
      ['0:00', 1],
      ['2:00', 1],
    ],
    phases: [['0:00', 'hold', 'hold']],
  },
  ramp: {
    corners: [
      ['0:00', 0],
      ['5:00', 500],
      ['30:00', 500],
      ['35:00', 0],
    ],
    phases: [
      ['0:00', 'ramp', 'ramp'],
      ['5:00', 'hold', 'hold'],
      ['30:00', 'drain', 'drain'],
    ],
  },
  spike: {
    corners: [
      ['0:00', 0],
      ['0:05', 50],
      ['2:00', 50],
      ['2:30', 500],
      ['10:00', 500],
      ['10:30', 50],
      ['15:00', 50],
    ],
    phases: [
      ['0:00', 'arrive', 'ramp'],
      ['0:05', 'baseline', 'hold'],
      ['2:00', 'spike', 'spike'],
      ['2:30', 'hold', 'hold'],
      ['10:00', 'drop', 'drain'],
      ['10:30', 'settle', 'drain'],
      ['12:30', 'recovery', 'recovery'],
    ],
  },
  soak: {
    corners: [
      ['0:00:00', 0],
      ['0:10:00', 300],
      ['5:50:00', 300],
      ['6:00:00', 0],
    ],
    phases: [
      ['0:00:00', 'ramp', 'ramp'],
      ['0:10:00', 'hold', 'hold'],
      ['5:50:00', 'drain', 'drain'],
    ],
  },
  recovery: {
    corners: [
      ['0:00', 0],
      ['3:00', 300],
      ['24:00', 300],
      ['25:00', 0],
    ],
    phases: [
      ['0:00', 'ramp', 'ramp'],
      ['3:00', 'settle', 'hold'],
      ['5:00', 'partition', 'fault'],
      ['5:20', 'after_partition', 'hold'],
      ['10:00', 'publisher_loss', 'fault'],
      ['10:15', 'after_publisher_loss', 'hold'],
      ['15:00', 'media_kill', 'fault'],
      ['15:40', 'after_media_kill', 'hold'],
      ['20:00', 'publisher_drop', 'fault'],
      ['21:10', 'after_publisher_drop', 'hold'],
      ['24:00', 'drain', 'drain'],
    ],
  },
  escalation: {
    corners: [
      ['0:00', 0],
      ['1:00', 100],
      ['6:00', 100],
      ['7:00', 300],
      ['12:00', 300],
      ['13:00', 500],
      ['18:00', 500],
      ['19:00', 700],
      ['24:00', 700],
      ['25:00', 1000],
      ['30:00', 1000],
      ['31:00', 0],
    ],
    phases: [
      ['0:00', 'rise_1', 'ramp'],
      ['1:00', 'step_1', 'step'],
      ['6:00', 'rise_2', 'ramp'],
      ['7:00', 'step_2', 'step'],
      ['12:00', 'rise_3', 'ramp'],
      ['13:00', 'step_3', 'step'],
      ['18:00', 'rise_4', 'ramp'],
      ['19:00', 'step_4', 'step'],
      ['24:00', 'rise_5', 'ramp'],
      ['25:00', 'step_5', 'step'],
      ['30:00', 'drain', 'drain'],
    ],
  },
  chatBurst: {
    corners: [
      ['0:00', 0],
      ['1:00', 500],
      ['8:00', 500],
      ['8:30', 0],
    ],
    phases: [
      ['0:00', 'ramp', 'ramp'],
      ['1:00', 'hold', 'hold'],
      ['2:00', 'burst', 'burst'],
      ['7:00', 'after', 'hold'],
      ['8:00', 'drain', 'drain'],
    ],
  },
};

interface Drawing {
  readonly corners: readonly (readonly [string, number])[];
  readonly phases: readonly (readonly [string, string, string])[];
}

describe.each(allProfiles())('$name', (profile) => {
  const drawing = DRAWINGS[profile.name] as Drawing;
  const { vus, mix } = profile.defaults;
  const plan = createPlan(profile, { vus, mix, seed: 1 });

  it.each(drawing.corners)('repeats its drawing: at %s %i viewers', (at, level) => {
    const atMs = ms(at);
    // One viewer more or less: the line crosses each whole level somewhere within the millisecond.
    if (atMs > 0) expect(Math.abs(plan.vusAt(atMs - 1) - level)).toBeLessThanOrEqual(1);
    if (atMs < plan.totalMs) expect(Math.abs(plan.vusAt(atMs) - level)).toBeLessThanOrEqual(1);
  });

  it('goes in straight lines between the corners of its drawing', () => {
    for (const [index, [at, level]] of drawing.corners.entries()) {
      const [before, from] = drawing.corners[index - 1] ?? [at, level];
      const halfway = plan.vusAt((ms(before) + ms(at)) / 2);
      if (index > 0) expect(Math.abs(halfway - (from + level) / 2)).toBeLessThanOrEqual(1);
    }
  });

  it('ends where its drawing ends', () => {
    expect(plan.totalMs).toBe(ms(drawing.corners.at(-1)?.[0] ?? ''));
  });

  it('has the phases of its drawing', () => {
    expect(plan.phases.map(({ fromMs, name, role }) => [fromMs, name, role])).toEqual(
      drawing.phases.map(([at, name, role]) => [ms(at), name, role]),
    );
    for (const [at, name] of drawing.phases) expect(phaseAt(plan.phases, ms(at))?.name).toBe(name);
  });
});

describe('the rates of the shipped profiles', () => {
  it.each([
    ['ramp', { chatEveryMs: 30_000, productsEveryMs: 60_000, cartAddShare: 0.05 }],
    ['soak', { chatEveryMs: 120_000, productsEveryMs: 300_000, ordersPerHourShare: 0.02 }],
  ])('of %s are those of the strategy', (name, rates) => {
    expect(findProfile(name)?.rates).toEqual(rates);
  });

  it.each(['ramp', 'spike', 'soak', 'recovery', 'escalation', 'chatBurst'])(
    '%s starts 70 %% of its viewers with HLS',
    (name) => {
      expect(findProfile(name)?.defaults.mix).toEqual({ hls: 70, flv: 30 });
    },
  );
});
