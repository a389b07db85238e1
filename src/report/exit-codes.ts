import type { VerdictWord } from '../stats/gate.js';

/** Exit codes by what they say; docs/exit-codes.md is printed from `EXIT_CODES`. */
export const EXIT = {
  internal: 1,
  config: 104,
  preflight: 113,
  stopped: 105,
  stoppedTwice: 130,
  invalid: 111,
  fail: 99,
  noData: 114,
  offAir: 115,
  refused: 116,
  regression: 117,
  unlike: 118,
  unanswered: 119,
  pass: 0,
} as const;

export interface ExitCode {
  readonly code: number;
  readonly name: keyof typeof EXIT;
  readonly meaning: string;
}

/** In order of precedence: the first that applies is the one. */
export const EXIT_CODES: readonly ExitCode[] = [
  { code: EXIT.internal, name: 'internal', meaning: 'a fault of our own' },
  { code: EXIT.config, name: 'config', meaning: 'the configuration is bad, or the target is not allowed' },
  {
    code: EXIT.preflight,
    name: 'preflight',
    meaning:
      'the platform does not answer as one, or refused a token: nothing was started; `doctor`: something would spoil the run; `agent`: no broker, or it refuses us',
  },
  {
    code: EXIT.stopped,
    name: 'stopped',
    meaning:
      'stopped by a signal, or by `--abort-on` with a row that decides nothing; what was measured until then is in the summary',
  },
  {
    code: EXIT.stoppedTwice,
    name: 'stoppedTwice',
    meaning: 'stopped by a second signal; nothing was judged',
  },
  {
    code: EXIT.invalid,
    name: 'invalid',
    meaning:
      'the run says nothing about the platform: the generator was the bottleneck, a worker died, a load box was lost, or the clock is unusable',
  },
  {
    code: EXIT.fail,
    name: 'fail',
    meaning: 'a mandatory KPI failed; also where `--abort-on` cut the run short by one',
  },
  { code: EXIT.noData, name: 'noData', meaning: 'a mandatory KPI has no data' },
  {
    code: EXIT.offAir,
    name: 'offAir',
    meaning: '`publish` only: the encoder ended by itself, or the connection to the server was lost',
  },
  {
    code: EXIT.refused,
    name: 'refused',
    meaning:
      '`ctl`: the run refused the order, is over, or takes no orders; `faults undo`: something could not be undone or read; `agent`: there is one of its name already; `run` over load boxes: another process took the run up (`resume`) and gives the verdict',
  },
  {
    code: EXIT.regression,
    name: 'regression',
    meaning: '`compare` only: a mandatory row got worse, by more than chance and by more than it may',
  },
  {
    code: EXIT.unlike,
    name: 'unlike',
    meaning: '`parity` only: a row of the checklist differs between production and staging',
  },
  {
    code: EXIT.unanswered,
    name: 'unanswered',
    meaning: '`parity` only: no row differs as far as is known, and a question is open',
  },
  { code: EXIT.pass, name: 'pass', meaning: 'every mandatory KPI that was judged passed' },
];

const BY_VERDICT: Readonly<Record<VerdictWord, number>> = {
  invalid: EXIT.invalid,
  fail: EXIT.fail,
  no_data: EXIT.noData,
  pass: EXIT.pass,
};

/** Exit code of a verdict that nothing outranks. */
export function exitCodeOf(verdict: VerdictWord): number {
  return BY_VERDICT[verdict];
}
