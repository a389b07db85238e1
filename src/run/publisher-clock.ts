import { ClockFollower, type ClockNews } from '../clock/clock-follower.js';
import { type ClockState, uncertaintyAt } from '../clock/clock-state.js';
import { uncertaintyWords } from '../clock/clock-words.js';
import type { RunConfig } from '../config.js';
import { createAllowList } from '../net/allow-list.js';
import { createHttpFactory } from '../net/http-node.js';
import type { PreflightCheck } from '../preflight/report.js';
import { createClock } from '../seams-node.js';
import type { Target } from '../target.js';

/** What `run.json` keeps of the publisher's clock as it was known before the run. */
export interface PublisherClockRecord {
  readonly kind: ClockState['kind'];
  /** Where it is read; absent = nowhere. */
  readonly url?: string;
  readonly offsetMs?: number;
  readonly uncertaintyMs?: number;
  /** Why it is unknown. */
  readonly reason?: string;
}

/** The clock that capture times are on, for the length of a run. */
export interface PublisherClockLink {
  /** As known now. */
  readonly state: ClockState;
  /** As it was known before the run. */
  readonly record: PublisherClockRecord;
  /** One line for the terminal. */
  readonly check: PreflightCheck;
  /** Compares again and again from now on; reports nothing where there is nothing to compare. */
  follow(onNews: (news: ClockNews) => void): void;
  close(): void;
}

/** Below the API of a stage its clock is shown; see `GET /__stage/clock`. */
const STAGE_PATH = '/__stage';

/**
 * Finds out which clock capture times are on: that of this machine, because the stage is the run's own or the operator
 * says so; that of `--capture-clock`; that of a stage which was started by hand; or nobody knows. Never throws for a
 * clock that does not answer.
 */
export async function openPublisherClock(
  config: Pick<RunConfig, 'target' | 'captureClock' | 'allowTargets' | 'insecure'>,
  target: Target,
): Promise<PublisherClockLink> {
  const { captureClock, allowTargets, insecure } = config;
  const local = config.target.kind === 'stage' || config.target.loopback;
  if (captureClock.kind === 'same') return sameClock(local, 'as --capture-clock says');
  if (captureClock.kind === 'unsaid' && config.target.kind === 'stage') return sameClock(true, 'own stage');
  // Off this machine nobody is asked for what only a stage has.
  if (captureClock.kind === 'unsaid' && !local) return unknownClock('nobody named it', HOW_TO_NAME_IT);
  const url = captureClock.kind === 'url' ? captureClock.url : target.apiUrl + STAGE_PATH;
  const clock = createClock(performance.timeOrigin + performance.now());
  const net = { clock, allowList: createAllowList(allowTargets), insecure };
  const follower = new ClockFollower({ clock, http: createHttpFactory(net).forViewer(), url });
  const first = await follower.compare();
  if (first.kind === 'gap' && captureClock.kind === 'unsaid') {
    follower.close();
    return unknownClock('nobody named it', HOW_TO_NAME_IT_HERE);
  }
  return new FollowedLink(follower, url, first, () => clock.epochMs());
}

const HOW_TO_NAME_IT = 'name it with --capture-clock, or latency rows will have no data';
/** The platform runs on this machine, and its publisher perhaps. */
const HOW_TO_NAME_IT_HERE =
  'name it with --capture-clock (same, if the publisher runs on this machine), or latency rows will have no data';

function sameClock(servers: boolean, why: string): PublisherClockLink {
  return {
    state: { kind: 'same', servers },
    record: { kind: 'same' },
    check: { part: 'clock', status: 'ok', text: `same clock as the publisher's (${why})` },
    follow() {},
    close() {},
  };
}

function unknownClock(reason: string, remedy: string): PublisherClockLink {
  return {
    state: { kind: 'unknown' },
    record: { kind: 'unknown', reason },
    check: { part: 'clock', status: 'warning', text: `the publisher's clock is unknown: ${remedy}` },
    follow() {},
    close() {},
  };
}

class FollowedLink implements PublisherClockLink {
  state: ClockState = { kind: 'unknown' };
  readonly record: PublisherClockRecord;
  readonly check: PreflightCheck;
  readonly #follower: ClockFollower;

  constructor(follower: ClockFollower, url: string, first: ClockNews, epochMs: () => number) {
    this.#follower = follower;
    if (first.kind === 'gap') {
      this.record = { kind: 'unknown', url, reason: first.reason };
      const text = `--capture-clock cannot be read: ${first.reason}; until it can, latency has no data`;
      this.check = { part: 'clock', status: 'warning', text };
      return;
    }
    const { reading } = first;
    const { offsetMs } = reading;
    const uncertaintyMs = uncertaintyAt(reading, epochMs());
    this.state = { kind: 'measured', reading };
    this.record = { kind: 'measured', url, offsetMs, uncertaintyMs };
    const ahead = `${Math.abs(offsetMs).toFixed(1)} ms ${offsetMs < 0 ? 'behind' : 'ahead of'} ours`;
    const text = `the publisher's clock is ${ahead}, ${uncertaintyWords(uncertaintyMs)}`;
    this.check = { part: 'clock', status: 'ok', text };
  }

  follow(onNews: (news: ClockNews) => void): void {
    this.#follower.follow((news) => {
      if (news.kind === 'reading') this.state = { kind: 'measured', reading: news.reading };
      onNews(news);
    });
  }

  close(): void {
    this.#follower.close();
  }
}
