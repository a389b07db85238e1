/**
 * Every flag of every command, as one typed table: the command line, its help text and the check for unknown
 * flags are all made from it.
 */

/** `text` takes one value, `list` may be repeated, `switch` takes none. */
export type FlagKind = 'text' | 'list' | 'switch';

export interface FlagSpec {
  readonly kind: FlagKind;
  /** One line for `--help`, defaults included. */
  readonly help: string;
  /** Heading in `--help`. */
  readonly group: string;
}

/** Values as they were given: text unparsed, absent flags absent. */
export type FlagValues<T extends Readonly<Record<string, FlagSpec>>> = {
  readonly [K in keyof T]?: T[K]['kind'] extends 'switch'
    ? boolean
    : T[K]['kind'] extends 'list'
      ? readonly string[]
      : string;
};

const text = (group: string, help: string) => ({ kind: 'text', group, help }) as const;
const list = (group: string, help: string) => ({ kind: 'list', group, help }) as const;
const toggle = (group: string, help: string) => ({ kind: 'switch', group, help }) as const;

const LOAD = 'Load:';
const TARGET = 'Target:';
const OUTPUT = 'Output:';
const SAFETY = 'Safety:';
const STAGE = 'Stage:';

export const RUN_FLAGS = {
  profile: text(LOAD, 'which load to run: smoke (default) or baseline'),
  vus: text(LOAD, 'number of viewers (default: the profile says, smoke 50, baseline 1)'),
  duration: text(LOAD, 'length of the whole run, ramp and drain included, e.g. 90s, 3m, 1h30m'),
  mix: text(LOAD, 'protocol that viewers start with, as weights (default: hls=70,flv=30)'),
  rate: list(
    LOAD,
    'how often viewers act, NAME=VALUE, e.g. chat=30s or orders=2% or status=off; repeat for several',
  ),
  users: text(LOAD, 'CSV file with userId,accessToken[,refreshToken,sid]; one row per viewer'),
  workers: text(LOAD, 'worker threads (default: one per 100 viewers, one core left free)'),
  seed: text(LOAD, 'whole number that fixes all random choices (default: 1)'),
  target: text(TARGET, 'base URL of the platform (default: an embedded stage, started for the run)'),
  'api-url': text(TARGET, 'base URL of the REST API, if it stands apart'),
  'socket-url': text(TARGET, 'base URL of Socket.IO, if it stands apart'),
  'flv-url': text(TARGET, 'base URL of HTTP-FLV, if it stands apart'),
  'hls-url': text(TARGET, 'base URL of HLS, if it stands apart'),
  'stream-key': text(TARGET, 'key of the live stream (needed for a target off this machine)'),
  'stage-fault': list(
    TARGET,
    'fault for the embedded stage, e.g. freeze:at=20,for=2 (run seconds); repeat for several',
  ),
  'allow-target': list(SAFETY, 'host off this machine that may be loaded; repeat for several'),
  'allow-writes': toggle(SAFETY, 'let viewers chat and fill carts on a target off this machine'),
  out: text(OUTPUT, 'folder that gets the run folder (default: runs)'),
  json: toggle(OUTPUT, 'print summary.json on stdout and nothing else there'),
  quiet: toggle(OUTPUT, 'no lines of progress'),
  'print-plan': toggle(OUTPUT, 'print what would be run, and stop'),
} as const satisfies Record<string, FlagSpec>;

export const JUDGE_FLAGS = {
  json: RUN_FLAGS.json,
} as const satisfies Record<string, FlagSpec>;

export const STAGE_FLAGS = {
  host: text(STAGE, 'address to listen on (default: 127.0.0.1)'),
  port: text(STAGE, 'port of the platform, 0 for any free one (default: 8080)'),
  'stream-key': text(STAGE, 'key of the one live stream (default: demo)'),
  bitrate: text(STAGE, 'bitrate of the stream, e.g. 2600k or 2.6M (default: 2.6M)'),
  'gop-ms': text(STAGE, 'keyframe interval, 1000 (default) or 2000'),
  fault: list(STAGE, 'fault to plant, e.g. freeze:at=20,for=2 (seconds); repeat for several'),
  'users-out': text(STAGE, 'write a users file with valid tokens, as --users of a run wants it'),
  'users-count': text(STAGE, 'rows of that file (default: 500)'),
  ready: text(STAGE, 'how to report the addresses: human (default) or json'),
  'exit-with-parent': toggle(STAGE, 'stop when stdin closes, so that no orphan stays behind'),
} as const satisfies Record<string, FlagSpec>;

export type RunFlags = FlagValues<typeof RUN_FLAGS>;
export type JudgeFlags = FlagValues<typeof JUDGE_FLAGS>;
export type StageFlags = FlagValues<typeof STAGE_FLAGS>;
