import { describe, expect, it } from 'vitest';
import { Watchdog } from './watchdog.js';

const LAW = { tickMs: 1000, stuckTicks: 5, maxReloads: 2, stableResetMs: 30_000 };

describe('the watchdog', () => {
  it('reloads after five still ticks, gives up after its reloads, and then is silent', () => {
    const dog = new Watchdog(LAW);
    const verdicts: string[] = [];
    for (let t = 0; t < 40; t++) verdicts.push(dog.tick(t * 1000, 5000));
    const acted = verdicts.map((v, t) => [t, v] as const).filter(([, v]) => v !== 'fine');
    expect(acted).toEqual([
      [5, 'reload'],
      [10, 'reload'],
      [15, 'give_up'],
    ]);
  });

  it('does nothing while the playhead moves, and forgets its reloads after a stable time', () => {
    const dog = new Watchdog(LAW);
    let media = 0;
    let t = 0;
    const still = (ticks: number) => {
      const verdicts: string[] = [];
      for (let i = 0; i < ticks; i++) verdicts.push(dog.tick(t++ * 1000, media));
      return verdicts.filter((v) => v !== 'fine');
    };
    const moving = (ticks: number) => {
      const verdicts: string[] = [];
      for (let i = 0; i < ticks; i++) {
        media += 1000;
        verdicts.push(dog.tick(t++ * 1000, media));
      }
      return verdicts.filter((v) => v !== 'fine');
    };
    expect(still(11)).toEqual(['reload', 'reload']);
    expect(moving(40)).toEqual([]);
    expect(still(10)).toEqual(['reload', 'reload']);
    expect(moving(5)).toEqual([]);
    expect(still(5)).toEqual(['give_up']);
  });

  it('tells that what it gave up moves again, and gives it up once more', () => {
    const dog = new Watchdog({ ...LAW, maxReloads: 0 });
    const verdicts = (from: number, to: number, mediaMs: (t: number) => number): string[] => {
      const said: string[] = [];
      for (let t = from; t < to; t++) said.push(dog.tick(t * 1000, mediaMs(t)));
      return said.filter((verdict) => verdict !== 'fine');
    };
    expect(verdicts(0, 20, () => 0)).toEqual(['give_up']);
    expect(verdicts(20, 40, (t) => t * 1000)).toEqual(['back']);
    expect(verdicts(40, 60, () => 39_000)).toEqual(['give_up']);
  });
});
