import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { StreamStatus } from './page-reads.js';
import { PlayerPlace } from './player-place.js';

let clock: VirtualClock;
let log: string[];
let status: StreamStatus | undefined;

beforeEach(() => {
  clock = new VirtualClock();
  log = [];
  status = 'LIVE';
});

function note(what: string): void {
  log.push(`${clock.nowMs()} ${what}`);
}

function place(isAskedFor = false): PlayerPlace {
  const made: PlayerPlace = new PlayerPlace({
    ...{ clock, isAskedFor },
    askStatus: () => {
      note('status');
      if (status !== undefined) made.sawStatus(status);
    },
    unmountPlayer: () => note('gone'),
    mountPlayer: () => note('new'),
    onLost: () => note('lost'),
  });
  return made;
}

const ofPlayer = (): string[] => log.filter((line) => !line.endsWith('status'));

describe('the place of the player', () => {
  it('asks each 5 s for a stream that is not live, until it is', async () => {
    place().sawStatus('PENDING');
    await clock.run(11_000);
    status = 'LIVE';
    await clock.run(60_000);
    expect(log).toEqual(['5000 status']);
    log = [];
    status = undefined;
    place().sawStatus('PENDING');
    await clock.run(16_000);
    // No answer is no word.
    expect(log).toHaveLength(3);
  });

  it('is empty 10 s after a live stream went off, once, and gets a new player with the stream', async () => {
    const page = place();
    page.sawStatus('LIVE');
    status = 'OFFLINE';
    page.sawStatus('OFFLINE');
    expect(page.isMounted).toBe(true);
    await clock.run(31_000);
    expect(ofPlayer()).toEqual(['10000 gone']);
    expect(page.isMounted).toBe(false);
    status = 'LIVE';
    await clock.run(30_000);
    expect(ofPlayer()).toEqual(['10000 gone', '35000 new']);
    expect(log.at(-1)).toBe('35000 new');
  });

  it('keeps the player of a stream that comes back in time, and of one that was never live', async () => {
    const page = place();
    page.sawStatus('OFFLINE');
    await clock.run(4000);
    page.sawStatus('LIVE');
    page.sawStatus('OFFLINE');
    await clock.run(4000);
    page.sawStatus('LIVE');
    await clock.run(60_000);
    expect(ofPlayer()).toEqual([]);
  });

  it('takes the word of the platform that the stream has ended, and a picture for a stream that was live', async () => {
    status = 'OFFLINE';
    const page = place();
    page.streamEnded();
    await clock.run(12_000);
    expect(log).toEqual(['5000 status', '10000 gone', '10000 status']);
    log = [];
    const other = place();
    other.hadPicture();
    other.sawStatus('OFFLINE');
    await clock.run(10_000);
    expect(ofPlayer()).toEqual(['22000 gone']);
  });

  it('waits with a dead player for the stream that is over', async () => {
    const page = place();
    page.hadPicture();
    status = 'OFFLINE';
    page.sawStatus('OFFLINE');
    page.playerDied();
    expect(page.isBlind).toBe(false);
    await clock.run(200_000);
    status = 'LIVE';
    await clock.run(5000);
    expect(ofPlayer()).toEqual(['10000 gone', '205000 new']);
    expect(page.isBlind).toBe(false);
  });

  it('gives the platform 60 s to say that the stream of a dead player is over', async () => {
    const page = place();
    page.hadPicture();
    page.playerDied();
    expect(page.isBlind).toBe(true);
    await clock.run(44_000);
    status = 'OFFLINE';
    await clock.run(20_000);
    expect(log.slice(0, 3)).toEqual(['15000 status', '30000 status', '45000 status']);
    expect(ofPlayer()).toEqual(['55000 gone']);
    log = [];
    status = 'LIVE';
    await clock.run(1000);
    const other = place();
    other.hadPicture();
    other.playerDied();
    other.playerDied();
    await clock.run(90_000);
    expect(ofPlayer().at(-1)).toBe('125000 lost');
    expect(clock.pending).toBe(0);
  });

  it('leaves the asking to a page that asks by itself', async () => {
    const page = place(true);
    page.hadPicture();
    page.playerDied();
    page.sawStatus('LIVE');
    await clock.run(60_000);
    expect(log).toEqual(['60000 lost']);
  });

  it('is lost with a player that never had a picture, and with one that died in an end that was none', async () => {
    place().playerDied();
    expect(log).toEqual(['0 lost']);
    log = [];
    const page = place();
    page.hadPicture();
    page.playerDied();
    page.sawStatus('OFFLINE');
    await clock.run(9000);
    expect(log).toEqual(['5000 status', '5000 lost']);
  });

  it('forgets the death of a player that plays again', async () => {
    const page = place();
    page.hadPicture();
    page.playerDied();
    page.playerIsBack();
    expect(page.isBlind).toBe(false);
    await clock.run(90_000);
    expect(log).toEqual([]);
    page.sawStatus('OFFLINE');
    page.playerDied();
    page.playerIsBack();
    status = undefined;
    await clock.run(6000);
    expect(log).toEqual(['95000 status']);
  });

  it('waits for nothing once it is stopped', async () => {
    const page = place();
    page.hadPicture();
    page.stop();
    page.streamEnded();
    page.playerDied();
    expect(clock.pending).toBe(0);
    const other = place();
    other.hadPicture();
    other.playerDied();
    other.sawStatus('OFFLINE');
    other.stop();
    expect(clock.pending).toBe(0);
  });
});
