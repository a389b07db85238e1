/** The faults that silence the media: what they do to the publisher, and when media stopped and came back. */
import type { Emissions } from './emissions.js';
import type { FaultActor, FaultBoard, FaultRecord } from './fault-board.js';
import type { Publisher, PublisherSwitches } from './publisher.js';
import type { StageClock } from './stage-clock.js';

const DEFAULT_JUMP_S = 5;

export interface Source {
  readonly publisher: Publisher;
  readonly emissions: Emissions;
  readonly clock: StageClock;
}

/** Says on `board` what the faults of the source do. */
export function actOnSource(board: FaultBoard, { publisher, emissions, clock }: Source): void {
  const silence = (begin: (seconds: number) => void, end: (record: FaultRecord) => void): FaultActor => ({
    begin(record) {
      if (emissions.last) record.lastEmissionBefore = emissions.last;
      emissions.onNext((emission) => {
        record.firstEmissionAfter = emission;
      });
      begin(record.forSeconds ?? 0);
    },
    end,
  });
  const nothing = (): void => {};
  const freeze = (seconds: number): void => publisher.freeze(seconds);
  const pause = (seconds: number): void => publisher.pause(seconds);
  const loss = (seconds: number): void => publisher.loss(seconds);
  board.act(
    'freeze',
    silence(freeze, () => publisher.thaw()),
  );
  board.act(
    'pause',
    silence(pause, (record) => pause(-remainingS(record, clock))),
  );
  board.act(
    'loss',
    silence(loss, () => publisher.endLoss()),
  );
  // The FLV fan-out asks the board whether it runs.
  board.act('gap', silence(nothing, nothing));
  board.act(
    'drop-publisher',
    silence(
      () => publisher.stop(),
      () => comeBack(board, publisher),
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

/** The publisher comes back, unless something else still keeps it away. */
export function comeBack(board: FaultBoard, publisher: Publisher): void {
  if (board.active('drop-publisher') === undefined && board.active('kill-media') === undefined)
    publisher.start(0);
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
