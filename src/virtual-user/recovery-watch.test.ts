import { describe, expect, test } from 'vitest';
import type { EventHead, RecoveryEvent, SessionEvent } from '../events.js';
import type { PlayerLook } from '../players/player.js';
import type { FaultMark } from '../scenarios/fault-plan.js';
import type { Namespace } from '../seams.js';
import { RecoveryWatch } from './recovery-watch.js';

const FAULT: FaultMark = { index: 0, breaks: 'network', forMs: 5000, graceMs: 45_000, fromMs: 1000 };
const ROOMS: readonly Namespace[] = ['/', '/chat', '/streaming'];

function rig(changes: { isGuest?: boolean; rooms?: readonly Namespace[] } = {}) {
  const seen: (EventHead & RecoveryEvent)[] = [];
  const now = {
    look: { playheadMs: 0, bufferedMs: 0, pictureMs: 100, receivedBytes: 5000 } as PlayerLook | undefined,
    allJoined: true,
    probes: 0,
  };
  const sight = {
    look: () => now.look,
    get allJoined() {
      return now.allJoined;
    },
    rooms: changes.rooms ?? [],
    probe: () => ++now.probes > 0,
    isGuest: changes.isGuest ?? false,
  };
  const watch = new RecoveryWatch(FAULT, (event) => seen.push(event as never), sight, 750);
  const show = (pictureMs: number, receivedBytes: number): void => {
    now.look = { playheadMs: pictureMs, bufferedMs: 0, pictureMs, receivedBytes };
  };
  const said = (): string[] =>
    seen
      .filter(({ kind }) => !kind.endsWith('_faced'))
      .map((event) => {
        const { kind, atMs: _at, phaseAtMs: _phase, fault: _fault, ...rest } = event;
        return [kind, ...Object.values(rest)].join(' ');
      });
  return { watch, seen, now, show, said };
}

describe('a viewer after a fault', () => {
  test('is counted as one that faced it, in the phase in which it began', () => {
    const { seen } = rig();
    expect(seen).toEqual([{ kind: 'fault_faced', fault: 'network', atMs: 750, phaseAtMs: 1000 }]);
  });

  test('says which rooms it stood in', () => {
    const { seen } = rig({ rooms: ['/', '/chat'] });
    const faced = seen.filter(({ kind }) => kind === 'room_faced');
    expect(faced).toMatchObject([{ namespace: '/' }, { namespace: '/chat', phaseAtMs: 1000 }]);
  });

  test('has recovered when its picture moves on new media and the platform answered', () => {
    const { watch, now, show, said } = rig();
    watch.mended(1000, 6000, 6010);
    expect(now.probes).toBe(1);
    // What was buffered moves the picture and proves nothing.
    show(200, 5000);
    watch.poll(6100);
    watch.answered(6150);
    show(300, 6000);
    watch.poll(6300);
    show(400, 6000);
    watch.poll(6400);
    expect(said()).toEqual(['socket_back 150', 'media_back 5300', 'picture_back 300', 'recovered 300']);
    expect(watch.pending).toBe(false);
  });

  test('has not, while its picture stands or not all is joined', () => {
    const { watch, now, show, said } = rig();
    now.allJoined = false;
    watch.mended(1000, 6000, 6000);
    watch.answered(6010);
    for (let atMs = 6100; atMs <= 35_900; atMs += 100) {
      show(300, 6000);
      watch.poll(atMs);
    }
    expect(said()).toEqual(['media_back 5100']);
    watch.poll(36_000);
    expect(said().slice(1)).toEqual(['not_recovered both', 'picture_not_back']);
  });

  test('asks again every two seconds until it is answered', () => {
    const { watch, now } = rig();
    watch.mended(1000, 6000, 6000);
    for (let atMs = 6100; atMs <= 10_000; atMs += 100) watch.poll(atMs);
    expect(now.probes).toBe(3);
  });

  test('is in a room again by its join, or by what it hears of it', () => {
    const { watch, said } = rig({ rooms: ROOMS });
    watch.heardRoom('/chat', 5000); // before the mending
    watch.mended(1000, 6000, 6000);
    const joined: SessionEvent = {
      kind: 'join_confirmed',
      atMs: 7000,
      namespace: '/chat',
      sinceAttemptMs: 5,
    };
    watch.on(joined);
    watch.heardRoom('/', 8000);
    watch.heardRoom('/', 8100);
    watch.poll(36_000);
    expect(said()).toEqual([
      'room_back /chat 1000',
      'socket_back 1000',
      'room_back / 2000',
      'not_recovered picture',
      'picture_not_back',
      'media_not_back 35000',
      'room_not_back /streaming',
    ]);
  });

  test('that speaks to its rooms for others is not judged by them', () => {
    const { watch, said } = rig({ rooms: ROOMS });
    watch.mended(1000, 6000, 6000);
    watch.excuseRooms(6400);
    watch.heardRoom('/', 6500);
    expect(said()).toEqual(ROOMS.map((room) => `room_excused ${room}`));
  });

  test('is timed for its reconnection from the later of loss and mending', () => {
    const { watch, said } = rig();
    watch.on({ kind: 'socket_disconnected', atMs: 2000, reason: 'transport' });
    watch.mended(1000, 6000, 6000);
    watch.on({ kind: 'socket_reconnected', atMs: 7200, downMs: 5200 });
    watch.on({ kind: 'socket_disconnected', atMs: 9000, reason: 'transport' });
    watch.on({ kind: 'socket_reconnected', atMs: 9400, downMs: 400 });
    expect(said()).toEqual(['reconnected_after_fault 1200', 'reconnected_after_fault 400']);
  });

  test('a guest, who has nothing to ask, is answered by what it hears of its room', () => {
    const { watch, said } = rig({ isGuest: true });
    watch.mended(1000, 6000, 6000);
    watch.heardRoom('/streaming', 6200);
    expect(said()).toEqual(['socket_back 200']);
  });

  test('a player that the page made anew begins from nothing', () => {
    const { watch, now, show, said } = rig();
    watch.mended(1000, 6000, 6000);
    now.look = undefined;
    watch.poll(6100);
    show(0, 100);
    watch.poll(6200);
    show(30, 200);
    watch.poll(6300);
    expect(said()).toEqual(['media_back 5200', 'picture_back 200']);
  });
});

describe('a viewer that goes', () => {
  test('as planned and soon is nobody’s failure; later it has not recovered', () => {
    const soon = rig();
    soon.watch.mended(1000, 6000, 6000);
    soon.watch.close(15_000, false);
    expect(soon.said()).toEqual([]);
    const later = rig();
    later.watch.mended(1000, 6000, 6000);
    later.watch.close(16_000, false);
    expect(later.said()).toContain('not_recovered both');
  });

  test('because its player is dead has no picture, and its rooms have not lost it', () => {
    const { watch, said } = rig({ rooms: ROOMS });
    watch.close(3000, true);
    expect(said().slice(0, 3)).toEqual(ROOMS.map((room) => `room_excused ${room}`));
    expect(said().slice(3)).toEqual(['not_recovered picture', 'picture_not_back', 'media_not_back 2000']);
  });

  test('and one whose fault was called off, is not judged', () => {
    const { watch, said } = rig({ rooms: ROOMS });
    watch.callOff();
    watch.close(40_000, true);
    expect(said()).toEqual([]);
  });
});
