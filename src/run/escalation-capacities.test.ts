import { describe, expect, it } from 'vitest';
import { escalationWorld } from '../../test/support/escalation-world.js';
import { type Planted, plantedPlatform } from '../../test/support/planted-platform.js';

interface Case {
  readonly steps?: string;
  /** Of the strategy's five minutes a step. */
  readonly scale?: string;
  readonly mix?: string;
  readonly rate?: string;
  readonly planted: Omit<Planted, 'rates' | 'seed'>;
}

const SEEDS = [1, 7, 4711];
const STEPS = '20,40,80,160';
const CALLS_EVERY = { rate: 'products=200ms', perS: 5 };

/** What an escalation of this platform says, with every row of the shipped profile. */
async function escalate(
  { steps = STEPS, scale = '0.1', mix = 'hls=70,flv=30', rate = 'products=10s', planted }: Case,
  seed: number,
) {
  const rates = { chatEveryMs: 30_000, productsEveryMs: rate === CALLS_EVERY.rate ? 200 : 10_000 };
  const measure = plantedPlatform({ ...planted, rates, seed });
  const flags = {
    steps: [steps],
    'target-vus': '10',
    'time-scale': scale,
    mix,
    rate: [rate],
    seed: String(seed),
  };
  const world = escalationWorld(flags as Parameters<typeof escalationWorld>[0], measure);
  await world.run();
  const { summary, reason } = world.found();
  return { found: summary.escalation as NonNullable<typeof summary.escalation>, reason, world };
}

type Found = Awaited<ReturnType<typeof escalate>>['found'];

/** The breaking point is within 5 %, or one viewer, of what was planted. */
function expectNear({ breaksAt, holds, sentence }: Found, carries: number): void {
  const offBy = Math.max(1, carries * 0.05);
  expect(Math.abs((breaksAt ?? Number.POSITIVE_INFINITY) - carries), sentence).toBeLessThanOrEqual(offBy);
  expect(Math.abs(holds - carries), sentence).toBeLessThanOrEqual(offBy);
}

/** Viewers that a platform carries, and the seed of its chance. */
const PLATFORMS = [
  ...[7, 27, 61, 134].map((carries) => ({ carries, seed: carries })),
  ...SEEDS.map((seed) => ({ carries: 39, seed })),
];

describe('an escalation of a platform with one limit', () => {
  it.each(PLATFORMS)('finds $carries sockets, seed $seed', async ({ carries, seed }) => {
    const { found } = await escalate({ planted: { faults: [`cap-sockets:count=${carries}`] } }, seed);
    expectNear(found, carries);
    expect(found.sentence).toMatch(/due to Sockets ready \/: /);
    expect(found.cause).toBe('ready_root');
  });

  it.each(PLATFORMS)('finds $carries connections for HTTP-FLV, seed $seed', async ({ carries, seed }) => {
    const planted = { faults: [`cap-media:count=${carries}`] };
    const { found } = await escalate({ mix: 'hls=0,flv=100', planted }, seed);
    expectNear(found, carries);
    expect(found.sentence).toMatch(/due to Stream start success: /);
    expect(found.cause).toBe('stream_start_success');
  });

  it.each(PLATFORMS)('finds the API calls of $carries viewers, seed $seed', async ({ carries, seed }) => {
    const planted = { faults: [`cap-api:rate=${carries * CALLS_EVERY.perS}`] };
    const { found } = await escalate({ rate: CALLS_EVERY.rate, planted }, seed);
    // One call of a hundred may be refused, and the limit lets those of a quarter of a second through at once.
    expectNear(found, carries * (1.01 + 0.25 / 30));
    expect(found.sentence).toMatch(/due to API success: /);
    expect(found.cause).toBe('api_success');
  });

  it.each(PLATFORMS)('finds the bandwidth of $carries viewers, seed $seed', async ({ carries, seed }) => {
    const planted = { faults: [`starve:count=${carries},share=0.4`] };
    const { found } = await escalate({ planted }, seed);
    expectNear(found, carries);
    expect(found.sentence).toMatch(/due to Rebuffer ratio: /);
    expect(found.cause).toBe('rebuffer_ratio');
  });

  it.each([27, 39])('finds bandwidth for %i that all share, in steps as long as drawn', async (carries) => {
    const { found } = await escalate({ scale: '1', planted: { faults: [`starve:count=${carries}`] } }, 1);
    expectNear(found, carries);
    expect(found.cause).toMatch(/^(rebuffer|latency)_/);
  });
});

describe('an escalation of a machine that breaks', () => {
  it('first says so, and what is known of the platform', async () => {
    const planted = { faults: ['cap-sockets:count=134'], generatorVus: 60 };
    const { found, reason } = await escalate({ planted }, 1);
    expect(found).toMatchObject({ holds: 40, breaksAt: null, cause: null, finished: true });
    expect(reason).toMatch(
      /The generator broke first, at 80 CCU: .*; of the system is known that it holds 40$/,
    );
  });

  it('between two steps tells where the platform had broken', async () => {
    // Only levels from 110 to 130 are too much for the machine.
    const planted = { faults: ['cap-sockets:count=97'], generatorVus: 109, generatorUntilVus: 130 };
    const { found } = await escalate({ planted }, 1);
    expect(found.sentence).toMatch(
      /^The generator broke first, at 120 CCU: .* holds 80, and breaks at 160 or below due to Sockets/,
    );
  });

  it('after the platform is not heard of', async () => {
    const planted = { faults: ['cap-sockets:count=39'], generatorVus: 90 };
    const { found } = await escalate({ planted }, 1);
    expectNear(found, 39);
    expect(found.cause).toBe('ready_root');
  });
});

describe('an escalation with a hiccup', () => {
  it.each([20, 30, 40])('when %i are measured for the first time finds the same', async (hiccupAtVus) => {
    const planted = { faults: ['cap-sockets:count=39'], hiccupAtVus };
    const { found, world } = await escalate({ planted }, 1);
    expectNear(found, 39);
    expect(found.cause).toBe('ready_root');
    const spoilt = world.steps.some(({ failed }) => failed.some(({ id }) => id === 'rebuffer_ratio'));
    expect(spoilt).toBe(true);
  });
});

describe('a platform with two limits', () => {
  it('is named by the one that it meets first', async () => {
    const starving = ['starve:count=61,share=0.4', 'cap-sockets:count=70'];
    expect((await escalate({ planted: { faults: starving } }, 1)).found.cause).toBe('rebuffer_ratio');
    const crowded = ['starve:count=70,share=0.4', 'cap-sockets:count=61'];
    expect((await escalate({ planted: { faults: crowded } }, 1)).found.cause).toBe('ready_root');
  });
});
