import { describe, expect, it } from 'vitest';
import { endingFromEvents } from '../../test/support/ending-from-events.js';
import { escalationWorld, type HeldStep } from '../../test/support/escalation-world.js';
import type { Tick } from '../stats/tick.js';
import { conclude } from './conclude.js';

/** What a platform of this size does to those who come in a step, as counters of its phases. */
type Platform = (vus: number, comers: number, turn: number) => Readonly<Record<string, number>>;

const ROWS = ['viewers_joined', 'ready_root', 'stream_start_success', 'api_success'];

/** All are served. */
function served(comers: number): Record<string, number> {
  return {
    'vu_started_count|rise|-': comers,
    'vu_joined_count|rise|-': comers,
    'socket_ready_count|rise|-|root': comers,
    'play_attempt_count|rise|hls': comers,
    'first_frame_count|rise|hls': comers,
    'api_outcome_count|step|-|ok': 500,
  };
}

/** A run whose viewers are but numbers, on virtual time. */
function rig(flags: Parameters<typeof escalationWorld>[0], platform: Platform) {
  let seq = 0;
  const measure = ({ rise, hold, vus, fromVus, turn }: HeldStep): Tick[] => {
    const named = Object.entries(platform(vus, vus - fromVus, turn)).map(([key, value]) => [
      key.replace('|rise|', `|${rise.name}|`).replace('|step|', `|${hold.name}|`),
      value,
    ]);
    const counters = Object.fromEntries(named) as Record<string, number>;
    const head = { v: 1, box: 'local', worker: 0, seq: seq++, fromMs: rise.fromMs, toMs: hold.toMs } as const;
    return [{ ...head, counters, histograms: {}, gauges: {} }];
  };
  return escalationWorld(flags, measure, ROWS);
}

const capped =
  (capacity: number): Platform =>
  (vus, comers) => {
    const refused = Math.max(0, vus - capacity);
    return refused === 0
      ? served(comers)
      : {
          ...served(comers),
          'vu_joined_count|rise|-': comers - refused,
          'socket_ready_count|rise|-|root': comers - refused,
          'socket_failed_count|rise|-|root_connect_error': refused,
        };
  };

describe('an escalation of 1000 viewers', () => {
  it('finds where the platform breaks, says why, and what is left over the target', async () => {
    const world = rig({}, capped(800));
    await world.run();
    expect(world.steps.map(({ span, outcome }) => `${span.vus} ${outcome}`)).toEqual([
      ...['100 held', '300 held', '500 held', '700 held', '1000 broke'],
      ...['850 broke', '775 held', '812 broke', '812 broke'],
    ]);
    const { summary, reason } = world.found();
    expect(reason).toBe(
      'PASS (viewer, escalation): System breaks at 812 CCU due to Sockets ready /: 98.52 %, wanted > 99 %; it holds 775, 62 % headroom over the target of 500',
    );
    expect(summary.exitCode).toBe(0);
    expect(summary.escalation).toMatchObject({
      ...{ finished: true, targetVus: 500, holds: 775, breaksAt: 812, cause: 'ready_root', headroomPct: 62 },
      decidingStep: 'step-775',
    });
  });

  it('lets nobody stay who was there when it broke, and comes and goes as the profile rises', async () => {
    const world = rig({}, capped(800));
    await world.run();
    const { phases, vusAt } = world.plan();
    const settles = phases.filter(({ name }) => name.startsWith('settle'));
    expect(settles.map(({ name }) => name)).toEqual(['settle-1000', 'settle-850', 'settle-812']);
    for (const { fromMs, toMs } of settles) expect([vusAt(fromMs + 1), toMs - fromMs]).toEqual([0, 30_000]);
    for (const { fromMs, toMs, role } of phases.filter(({ role }) => role !== 'step')) {
      const changed = Math.abs(vusAt(toMs - 1) - vusAt(fromMs));
      expect(changed / ((toMs - fromMs) / 1000), role).toBeLessThanOrEqual(5.1); // 300 in a minute
    }
  });

  it('says the same from the lines that it wrote, also when it was killed in the middle', async () => {
    const world = rig({}, capped(800));
    await world.run();
    await world.folder.close();
    const events = world.lines.filter((line) => line.startsWith('{"kind"'));
    expect(conclude(world.record, world.intake.totals, endingFromEvents(events.join('\n')))).toEqual(
      world.found(),
    );
    const half = events.slice(
      0,
      events.findIndex((line) => line.includes('"vus":850,"fromVus"')),
    );
    const killed = conclude(world.record, world.intake.totals, endingFromEvents(half.join('\n')));
    expect(killed.summary.exitCode).toBe(105);
    expect(killed.summary.escalation?.sentence).toMatch(
      /^Ended before the breaking point was found; of the system is known that it holds 700, and breaks at 1000 or below due to Sockets ready/,
    );
  });

  it.each([
    {
      what: 'nothing breaks',
      platform: capped(5000),
      reason:
        'PASS (viewer, escalation): System holds 1000 CCU, the highest step: at least 100 % headroom over the target of 500',
    },
    {
      what: 'it breaks below the target',
      platform: capped(340),
      reason:
        /^FAIL \(viewer, escalation\): System breaks at \d+ CCU due to Sockets ready \/: .*, 3\d % below the target of 500$/,
    },
    {
      what: 'the generator breaks first',
      platform: (vus: number, comers: number) =>
        vus > 300 ? { ...served(comers), 'local_failure_count|step|-': 7 } : served(comers),
      reason:
        'INVALID (viewer, escalation): The generator broke first, at 500 CCU: this machine had no descriptors, ports or memory for 7 sockets; of the system is known that it holds 300',
    },
    {
      what: 'a row has no data',
      platform: (vus: number, comers: number) => {
        const { 'api_outcome_count|step|-|ok': _gone, ...rest } = served(comers);
        return vus > 300 ? rest : served(comers);
      },
      reason:
        'NO DATA (viewer, escalation): At 500 CCU nothing can be said of the system: API success: 0 calls without business refusals and those renewed, 20 needed; of it is known that it holds 300',
    },
  ])('$what', async ({ platform, reason }) => {
    const world = rig({}, platform);
    await world.run();
    if (typeof reason === 'string') expect(world.found().reason).toBe(reason);
    else expect(world.found().reason).toMatch(reason);
  });

  it('names what lies upstream when several rows fail', async () => {
    const world = rig({ steps: ['10', '20'], 'target-vus': '20' }, (vus, comers) =>
      vus <= 15
        ? served(comers)
        : { ...served(comers), 'api_outcome_count|step|-|throttled': 50, 'first_frame_count|rise|hls': 0 },
    );
    await world.run();
    expect(world.found().summary.escalation?.cause).toBe('stream_start_success');
    expect(world.steps.at(-1)?.failed.map(({ id }) => id)).toEqual(['stream_start_success', 'api_success']);
  });

  it('decides nothing more once all are asked to leave', async () => {
    const world = rig({}, capped(800));
    world.runner.start();
    world.runner.stop();
    await world.clock.run(10 * 60_000);
    expect(world.steps).toEqual([]);
    expect(world.found().reason).toContain('nothing is known of the breaking point');
  });
});
