import type { Target } from '../../src/target.js';

/** `ours`: whole viewers without a player. `plain`: the client library with one handler and one subtraction. */
export type FanoutMode = 'ours' | 'plain';

/** One measurement, as it is handed to the generator's process. */
export interface FanoutJob {
  readonly mode: FanoutMode;
  readonly target: Target;
  readonly viewers: number;
  /** Where the accounts come from. */
  readonly usersUrl: string;
  /** Mean span between two messages of one viewer. */
  readonly chatEveryMs: number;
  readonly settleSeconds: number;
  readonly seconds: number;
}

export interface FanoutResult {
  /** User and system time of the generator's process alone. */
  readonly cpuMsPerSecond: number;
  /** Chat messages that arrived, own ones included. */
  readonly deliveriesPerS: number;
  readonly sentPerS: number;
}
