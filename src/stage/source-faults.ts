/** The faults of the source: what they do to the publisher, and when its media stopped and came back. */
import type { FaultActor, FaultBoard, FaultRecord } from './fault-board.js';
import type { Publisher, PublisherSwitches } from './publisher.js';
import type { StageClock } from './stage-clock.js';

const DEFAULT_JUMP_S = 5;

export function actOnSource(board: FaultBoard, publisher: Publisher, clock: StageClock): void {
  const silence = (begin: (seconds: number) => void, end: (record: FaultRecord) => void): FaultActor => ({
    begin(record) {
      if (publisher.lastEmission) record.lastEmissionBefore = publisher.lastEmission;
      publisher.onNextEmission((emission) => {
        record.firstEmissionAfter = emission;
      });
      begin(record.forSeconds ?? 0);
    },
    end,
  });
  const freeze = (seconds: number): void => publisher.freeze(seconds);
  const pause = (seconds: number): void => publisher.pause(seconds);
  const gap = (seconds: number): void => publisher.gap(seconds);
  board.act(
    'freeze',
    silence(freeze, () => publisher.thaw()),
  );
  board.act(
    'pause',
    silence(pause, (record) => pause(-remainingS(record, clock))),
  );
  board.act(
    'gap',
    silence(gap, () => publisher.endGap()),
  );
  board.act(
    'drop-publisher',
    silence(
      () => publisher.stop(),
      () => publisher.start(0),
    ),
  );
  board.act('jump', {
    begin: ({ parameters, forSeconds }) => {
      publisher.jump(numberOf(parameters.seconds, forSeconds ?? DEFAULT_JUMP_S));
    },
  });
  board.act('video-gone', switchOf(publisher, 'videoGone'));
  board.act('audio-gone', switchOf(publisher, 'audioGone'));
  board.act('no-stamps', switchOf(publisher, 'noStamps'));
}

function switchOf(publisher: Publisher, name: keyof PublisherSwitches): FaultActor {
  return {
    begin() {
      publisher.switches[name] = true;
    },
    end() {
      publisher.switches[name] = false;
    },
  };
}

/** What is left of a fault that is ended before its time, s. */
function remainingS(record: FaultRecord, clock: StageClock): number {
  const endEpochMs = (record.startedEpochMs ?? 0) + (record.forSeconds ?? 0) * 1000;
  return Math.max(0, endEpochMs - clock.epochMs()) / 1000;
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
