import { PLAYER_PROFILE_NAMES } from '../players/page-profiles.js';
import { BEHAVIOURS } from '../scenarios/behaviour.js';
import { DEFAULT_PROFILE, profileNames } from '../scenarios/profiles.js';
import { type FlagSpec, type FlagValues, list, text, toggle } from './flag-spec.js';
import { ratePairs } from './rates.js';

/**
 * Every flag of every command, as one typed table: the command line, its help text and the check for unknown
 * flags are all made from it. Each row of a run's flags is also a key of the configuration file and a variable of
 * the environment (`settings-layers.ts`), a row of `--print-config` and a property of the JSON Schema.
 */

/** Asked of one call, never a setting. */
const ONCE: Pick<FlagSpec, 'notIn'> = { notIn: ['file', 'env'] };

/** What holds when nobody says anything else. */
export const DEFAULTS = { seed: '1', out: 'runs' } as const;

const LOAD = 'Load:';
const TARGET = 'Target:';
const OUTPUT = 'Output:';
const SAFETY = 'Safety:';
const CONFIG = 'Configuration:';
const STAGE = 'Stage:';
const BOXES = 'Load boxes:';

/** How the broker between load boxes is reached, of a run and of an agent. */
const BROKER_FLAGS = {
  nats: text(
    BOXES,
    'NATS server between the load boxes, best in the environment: user and password stand in it',
    { placeholder: 'URL', secret: true },
  ),
  'nats-ca': text(BOXES, "certificate of who signed the server's, PEM (tls://)", {
    path: 'file',
    example: 'ca.pem',
  }),
  'nats-cert': text(BOXES, 'certificate to show to the server, PEM', { path: 'file', example: 'box.pem' }),
  'nats-key': text(BOXES, 'its key, PEM', { path: 'file', example: 'box-key.pem' }),
} as const satisfies Record<string, FlagSpec>;

export const RUN_FLAGS = {
  profile: text(LOAD, 'which load to run, or FILE.yaml with one of your own', {
    default: DEFAULT_PROFILE.name,
    values: profileNames(),
    orFile: true,
  }),
  vus: text(
    LOAD,
    'number of viewers, the whole shape in proportion (default: the profile says, e.g. smoke 50, ramp 500)',
    {
      ofProfile: ({ defaults }) => String(defaults.vus),
      placeholder: 'N',
      example: '200',
    },
  ),
  duration: text(LOAD, 'length of the whole run, ramp and drain included, e.g. 90s, 3m, 1h30m', {
    placeholder: 'TIME',
    example: '3m',
  }),
  runs: text(
    LOAD,
    'how often, one run after the other with the same seed: all must pass; medians and spread of each row',
    {
      placeholder: 'N',
      default: '1',
      notIn: ['file', 'env'],
    },
  ),
  hold: text(LOAD, 'length of the hold, all else as drawn; of each step of an escalation', {
    placeholder: 'TIME',
    example: '30m',
  }),
  'time-scale': text(LOAD, 'holds and ramps that much shorter; what needs real time is then not judged', {
    placeholder: 'FACTOR',
    example: '0.1',
  }),
  arrivals: text(LOAD, 'in place of a profile: viewers that come at a rate, stay for a while, and go', {
    placeholder: 'WORDS',
    example: '12/s for 5m, stay 3m',
  }),
  mix: text(
    LOAD,
    'protocol that viewers start with, as weights (default: the profile says, smoke hls=70,flv=30)',
    {
      placeholder: 'WEIGHTS',
      ofProfile: ({ defaults }) => `hls=${defaults.mix.hls},flv=${defaults.mix.flv}`,
      example: 'hls=70,flv=30',
      pairs: true,
    },
  ),
  behaviour: text(LOAD, "how viewers act: by the strategy, or as the platform's own page does", {
    default: 'strategy',
    values: BEHAVIOURS,
  }),
  'player-profile': text(
    LOAD,
    "whose rules the video players have: those of the page's libraries, or of their newest versions",
    { default: 'page', values: PLAYER_PROFILE_NAMES },
  ),
  rate: list(LOAD, 'how often viewers act, e.g. chat=30s or orders=2% or status=off', {
    ofProfile: ({ rates }) => ratePairs(rates),
    example: 'chat=30s',
    pairs: true,
  }),
  users: text(LOAD, 'CSV file with userId,accessToken[,refreshToken,sid]; one row per viewer', {
    path: 'file',
    example: 'users.csv',
  }),
  'jwt-secret-env': text(
    LOAD,
    "NAME of the environment variable with the platform's JWT secret: tokens are made for the userIds of --users",
    { placeholder: 'NAME', namesVariable: true, example: 'STAGING_JWT_SECRET' },
  ),
  steps: list(LOAD, 'levels of an escalation, e.g. 100,300,500 (default: the profile says)', {
    placeholder: 'LIST',
    ofProfile: ({ steps }) => (steps?.levels ?? []).map(String),
    example: '100,300,500',
  }),
  'target-vus': text(
    LOAD,
    'viewers that the platform is to carry: the headroom of an escalation counts from them',
    {
      placeholder: 'N',
      default: '500',
    },
  ),
  ctl: toggle(LOAD, 'take orders while it runs: dorami-load ctl pause, resume, scale N, stop, status'),
  dashboard: text(
    OUTPUT,
    'a page that shows the run while it goes, at http://127.0.0.1:PORT (9090 unless said; 0 for any free one)',
    { placeholder: '[PORT]', example: '9090' },
  ),
  'max-vus': text(LOAD, 'viewers that --ctl may scale up to (default: those of the run)', {
    placeholder: 'N',
    example: '300',
  }),
  workers: text(LOAD, 'worker threads (default: one per 100 viewers, one core left free)', {
    placeholder: 'N',
    example: '2',
  }),
  seed: text(LOAD, 'whole number that fixes all random choices', {
    placeholder: 'N',
    default: DEFAULTS.seed,
  }),
  target: text(TARGET, 'base URL of the platform (default: an embedded stage, started for the run)', {
    placeholder: 'URL',
    example: 'https://staging.example.com',
  }),
  'api-url': text(TARGET, 'base URL of the REST API, if it stands apart', {
    placeholder: 'URL',
    example: 'https://api.example.com',
  }),
  'socket-url': text(TARGET, 'base URL of Socket.IO, if it stands apart', {
    placeholder: 'URL',
    example: 'https://socket.example.com',
  }),
  'flv-url': text(TARGET, 'base URL of HTTP-FLV, if it stands apart', {
    placeholder: 'URL',
    example: 'https://flv.example.com',
  }),
  'hls-url': text(TARGET, 'base URL of HLS, if it stands apart', {
    placeholder: 'URL',
    example: 'https://hls.example.com',
  }),
  'stream-key': text(TARGET, 'key of the live stream (needed for a target off this machine)', {
    placeholder: 'KEY',
    secret: true,
  }),
  'stage-fault': list(TARGET, 'fault for the embedded stage, e.g. freeze:at=20,for=2 (run seconds)', {
    placeholder: 'FAULT',
    separator: ';',
    example: 'freeze:at=20,for=2',
  }),
  'stage-control': text(
    TARGET,
    'control URL of the stage that --target names (it says it at its start): faults of a profile are made there',
    { placeholder: 'URL', example: 'http://127.0.0.1:9001' },
  ),
  'publisher-control': text(
    TARGET,
    'URL of publish --control: faults of a profile stop and start the publisher there',
    { placeholder: 'URL', example: 'http://127.0.0.1:9002' },
  ),
  'capture-clock': text(
    TARGET,
    'clock that capture times are on: the URL of publish --clock, or same = the publisher runs on this machine',
    { placeholder: 'URL', example: 'http://127.0.0.1:9000' },
  ),
  collect: text(
    TARGET,
    "file of the platform's own sources (docs/collect.md): they are asked while the run goes, and its rows judged",
    { path: 'file', example: 'collect.yaml' },
  ),
  insecure: toggle(TARGET, 'accept any TLS certificate, e.g. the self-signed one of a staging platform'),
  'local-ips': list(
    LOAD,
    'addresses of this machine that viewers connect from, in turn, e.g. 10.0.0.5,10.0.0.16/28',
    { placeholder: 'LIST', example: '127.0.0.2-127.0.0.31' },
  ),
  ...BROKER_FLAGS,
  'embed-nats': text(
    BOXES,
    'in place of --nats: start a nats-server for the run at [HOST:]PORT, with passwords of its own',
    { placeholder: 'PORT', example: '4222' },
  ),
  'nats-out': text(
    BOXES,
    'file that gets the address of that nats-server for agents, password included, while the run goes',
    { path: 'file', example: 'agents.url' },
  ),
  agents: text(BOXES, 'load boxes of the run: it begins when so many are there', {
    placeholder: 'N',
    example: '3',
  }),
  'min-agents': text(BOXES, 'the same with all who are there after --wait, if there are so many', {
    placeholder: 'N',
    example: '2',
  }),
  wait: text(BOXES, 'how long load boxes are waited for (default: 60s)', {
    placeholder: 'TIME',
    example: '60s',
  }),
  'on-agent-loss': text(BOXES, 'fail = the run ends with the first box that is lost, or tolerate=N', {
    placeholder: 'RULE',
    default: 'fail',
    example: 'tolerate=1',
  }),
  'allow-target': list(SAFETY, 'host off this machine that may be loaded', {
    placeholder: 'HOST',
    example: 'staging.example.com',
  }),
  'allow-writes': toggle(SAFETY, 'let viewers chat and fill carts on a target off this machine'),
  'allow-network-faults': toggle(
    SAFETY,
    'let faults of a profile change this machine itself, and undo it: its network (as root), processes, containers',
    ONCE,
  ),
  journal: text(
    SAFETY,
    'folder that such changes are written to before they are made (default: /var/lib/dorami-load/faults of root, else ~/.local/state/dorami-load/faults)',
    { path: 'folder', example: '/var/lib/dorami-load/faults' },
  ),
  'no-preflight': toggle(SAFETY, 'go without the short look at the platform that comes before each run'),
  out: text(OUTPUT, 'folder that gets the run folder', { path: 'folder', default: DEFAULTS.out }),
  'abort-on': list(
    LOAD,
    'rows of the gate that end the run when they have failed for a while; ROW:DELAY for a delay of its own',
    { placeholder: 'ROWS', example: 'rebuffer_ratio,api_success:10s' },
  ),
  'abort-after': text(LOAD, 'how long such a row must have failed without a break (default: 30s)', {
    placeholder: 'TIME',
    example: '30s',
  }),
  'trace-vu': list(
    OUTPUT,
    'viewers to follow closely, by number from 0: their story goes into the run folder',
    {
      placeholder: 'LIST',
      example: '3,17',
    },
  ),
  json: toggle(OUTPUT, 'print summary.json on stdout and nothing else there'),
  quiet: toggle(OUTPUT, 'neither the live view nor lines of progress'),
  parity: text(
    OUTPUT,
    'parity.json of dorami-load parity: how like production the platform is, for the report and readiness',
    { path: 'file', example: 'parity.json' },
  ),
  'no-report': toggle(
    OUTPUT,
    'leave out report.html, summary.md, junit.xml and series.csv of the run folder',
  ),
  annotations: toggle(
    OUTPUT,
    'after the summary, a line per failed row as GitHub Actions reads it (by itself with GITHUB_ACTIONS=true; never with --json)',
  ),
  'print-plan': toggle(OUTPUT, 'print what would be run, and stop', ONCE),
  config: text(
    CONFIG,
    'file of settings, YAML or JSON; none = do not look for one (default: dorami-load.yaml here)',
    {
      path: 'file',
      notIn: ['file'],
      example: 'dorami-load.yaml',
    },
  ),
  'print-config': toggle(CONFIG, 'print every setting and where it comes from, and stop', ONCE),
} as const satisfies Record<string, FlagSpec>;

export const JUDGE_FLAGS = {
  json: RUN_FLAGS.json,
  explain: text(OUTPUT, 'a row of the gate, e.g. api_success, or validity: why it is what it is, and when', {
    placeholder: 'ROW',
  }),
} as const satisfies Record<string, FlagSpec>;

export const RESUME_FLAGS = {
  ...BROKER_FLAGS,
  'stream-key': RUN_FLAGS['stream-key'],
  json: RUN_FLAGS.json,
  quiet: RUN_FLAGS.quiet,
} as const satisfies Record<string, FlagSpec>;

export const REPORT_FLAGS = {
  out: text(OUTPUT, 'folder to write to (default: the folder of the run)', { path: 'folder' }),
  parity: text(OUTPUT, 'parity.json to show in place of the one that the run was given', { path: 'file' }),
  annotations: toggle(OUTPUT, 'also print a line per failed row as GitHub Actions reads it'),
} as const satisfies Record<string, FlagSpec>;

export const DASHBOARD_FLAGS = {
  port: text(OUTPUT, 'port on 127.0.0.1, 0 for any free one', { placeholder: 'PORT', default: '9090' }),
} as const satisfies Record<string, FlagSpec>;

export const COMPARE_FLAGS = {
  share: text(OUTPUT, 'least change of a span that counts, in %', { placeholder: 'PCT', default: '10' }),
  json: toggle(OUTPUT, 'print the comparison as JSON'),
} as const satisfies Record<string, FlagSpec>;

export const READINESS_FLAGS = {
  out: text(OUTPUT, 'file to write the same to as Markdown', { path: 'file' }),
  json: toggle(OUTPUT, 'print the release verdict as JSON'),
} as const satisfies Record<string, FlagSpec>;

export const REPEAT_FLAGS = {
  json: toggle(OUTPUT, 'print medians, spread and verdict as JSON'),
} as const satisfies Record<string, FlagSpec>;

export const MERGE_FLAGS = {
  out: text(OUTPUT, 'folder to write the merged run to (default: its id and -merged, here)', {
    path: 'folder',
  }),
  json: toggle(OUTPUT, 'print the folder and the summary as JSON'),
} as const satisfies Record<string, FlagSpec>;

export const CTL_FLAGS = {
  json: toggle(OUTPUT, 'print the status of the run as JSON'),
} as const satisfies Record<string, FlagSpec>;

export const FAULTS_FLAGS = {
  journal: text(
    SAFETY,
    'folder of the journals (default: /var/lib/dorami-load/faults of root, else ~/.local/state/dorami-load/faults)',
    { path: 'folder' },
  ),
  running: toggle(SAFETY, 'undo also what runs have made that still go'),
  json: toggle(OUTPUT, 'print the changes as JSON'),
} as const satisfies Record<string, FlagSpec>;

export const TRACE_FLAGS = {
  protocol: text(LOAD, 'what the viewer starts with', { default: 'flv', values: ['flv', 'hls'] }),
  duration: text(LOAD, 'how long it stays, e.g. 90s, 3m, 1h30m', {
    placeholder: 'TIME',
    default: '60s',
  }),
  behaviour: RUN_FLAGS.behaviour,
  'player-profile': RUN_FLAGS['player-profile'],
  rate: RUN_FLAGS.rate,
  users: text(LOAD, 'CSV file with userId,accessToken[,refreshToken,sid]; its first row is the viewer', {
    path: 'file',
  }),
  'jwt-secret-env': RUN_FLAGS['jwt-secret-env'],
  seed: RUN_FLAGS.seed,
  target: RUN_FLAGS.target,
  'api-url': RUN_FLAGS['api-url'],
  'socket-url': RUN_FLAGS['socket-url'],
  'flv-url': RUN_FLAGS['flv-url'],
  'hls-url': RUN_FLAGS['hls-url'],
  'stream-key': RUN_FLAGS['stream-key'],
  'stage-fault': RUN_FLAGS['stage-fault'],
  'capture-clock': RUN_FLAGS['capture-clock'],
  insecure: RUN_FLAGS.insecure,
  'allow-target': RUN_FLAGS['allow-target'],
  'allow-writes': RUN_FLAGS['allow-writes'],
  'no-preflight': RUN_FLAGS['no-preflight'],
  out: RUN_FLAGS.out,
  json: toggle(OUTPUT, 'print the lines of the trace on stdout as they are (NDJSON)'),
  quiet: toggle(OUTPUT, 'do not print where the files are'),
  config: RUN_FLAGS.config,
} as const satisfies Record<string, FlagSpec>;

const DOCTOR = 'Doctor:';

export const DOCTOR_FLAGS = {
  'nginx-config': list(DOCTOR, "nginx's configuration to look through, best as nginx -T prints it", {
    placeholder: 'FILE',
    path: 'file',
  }),
  'srs-config': list(DOCTOR, "SRS's configuration to look through", { placeholder: 'FILE', path: 'file' }),
  collect: RUN_FLAGS.collect,
  'write-collect': text(DOCTOR, 'file to write the sources to that are found, as --collect reads it', {
    path: 'file',
  }),
  'no-probes': toggle(DOCTOR, 'look for no limits: nothing is sent that one viewer would not send'),
  profile: RUN_FLAGS.profile,
  vus: RUN_FLAGS.vus,
  duration: RUN_FLAGS.duration,
  hold: RUN_FLAGS.hold,
  'time-scale': RUN_FLAGS['time-scale'],
  arrivals: RUN_FLAGS.arrivals,
  mix: RUN_FLAGS.mix,
  behaviour: RUN_FLAGS.behaviour,
  rate: RUN_FLAGS.rate,
  steps: RUN_FLAGS.steps,
  users: RUN_FLAGS.users,
  'jwt-secret-env': RUN_FLAGS['jwt-secret-env'],
  'max-vus': RUN_FLAGS['max-vus'],
  ctl: RUN_FLAGS.ctl,
  workers: RUN_FLAGS.workers,
  'local-ips': RUN_FLAGS['local-ips'],
  target: RUN_FLAGS.target,
  'api-url': RUN_FLAGS['api-url'],
  'socket-url': RUN_FLAGS['socket-url'],
  'flv-url': RUN_FLAGS['flv-url'],
  'hls-url': RUN_FLAGS['hls-url'],
  'stream-key': RUN_FLAGS['stream-key'],
  'stage-fault': RUN_FLAGS['stage-fault'],
  'capture-clock': RUN_FLAGS['capture-clock'],
  insecure: RUN_FLAGS.insecure,
  'allow-target': RUN_FLAGS['allow-target'],
  'allow-writes': RUN_FLAGS['allow-writes'],
  json: toggle(OUTPUT, 'print everything as JSON'),
  quiet: toggle(OUTPUT, 'no lines of what is looked at'),
  config: RUN_FLAGS.config,
} as const satisfies Record<string, FlagSpec>;

const AGENT = 'Agent:';

export const AGENT_FLAGS = {
  ...BROKER_FLAGS,
  name: text(AGENT, "name of this load box, unique among all (default: the machine's)", {
    placeholder: 'NAME',
    example: 'box-1',
  }),
  workers: text(AGENT, 'worker threads (default: one per core, one left free)', {
    placeholder: 'N',
    example: '2',
  }),
  weight: text(AGENT, 'viewers of a run are shared out in proportion to this (default: its cores)', {
    placeholder: 'N',
    example: '4',
  }),
  'max-vus': text(AGENT, 'viewers that this box takes at most (default: no limit of its own)', {
    placeholder: 'N',
    example: '300',
  }),
  'local-ips': RUN_FLAGS['local-ips'],
  'allow-target': RUN_FLAGS['allow-target'],
  dir: text(AGENT, 'folder for what the broker has not taken yet: it outlives a crash (default: in /tmp)', {
    path: 'folder',
  }),
  'dead-man': text(AGENT, 'without the broker for so long, its viewers leave (default: 15s)', {
    placeholder: 'TIME',
    example: '15s',
  }),
  once: toggle(AGENT, 'end after one run'),
  quiet: toggle(OUTPUT, 'no lines of what it does'),
  json: toggle(OUTPUT, 'lines of what it does as JSON, on stdout'),
} as const satisfies Record<string, FlagSpec>;

export const STAGE_FLAGS = {
  host: text(STAGE, 'address to listen on (default: 127.0.0.1)', { placeholder: 'ADDRESS' }),
  port: text(STAGE, 'port of the platform, 0 for any free one (default: 8080)', { placeholder: 'PORT' }),
  'stream-key': text(STAGE, 'key of the one live stream (default: demo)', {
    secret: true,
    placeholder: 'KEY',
  }),
  bitrate: text(STAGE, 'bitrate of the stream, e.g. 2600k or 2.6M (default: 2.6M)', { placeholder: 'BITS' }),
  'gop-ms': text(STAGE, 'keyframe interval, 1000 (default) or 2000', { placeholder: 'MS' }),
  fault: list(STAGE, 'fault to plant, e.g. freeze:at=20,for=2 (seconds)', { placeholder: 'FAULT' }),
  'users-out': text(STAGE, 'write a users file with valid tokens, as --users of a run wants it', {
    path: 'file',
  }),
  'users-count': text(STAGE, 'rows of that file (default: 500)', { placeholder: 'N' }),
  'auth-ms': text(
    STAGE,
    "what looking up a socket's token costs, ms: joins that come earlier are lost (default: 15)",
    { placeholder: 'MS' },
  ),
  'token-ttl': text(STAGE, 'how long access tokens last, e.g. 15m (default: 1h)', { placeholder: 'TIME' }),
  'jwt-secret-env': text(
    STAGE,
    'NAME of the environment variable with the secret that tokens are signed with (default: random)',
    { placeholder: 'NAME' },
  ),
  ready: text(STAGE, 'how to report the addresses: human (default) or json', { placeholder: 'FORM' }),
  'exit-with-parent': toggle(STAGE, 'stop when stdin closes, so that no orphan stays behind'),
} as const satisfies Record<string, FlagSpec>;

/** Written where `init` is told no other place: read by a run in the same folder. */
export const INIT_FILE = 'dorami-load.yaml';

const USERS = 'Users:';

export const USERS_FLAGS = {
  target: text(TARGET, "base URL of the platform's API: this machine, or a staging platform", {
    placeholder: 'URL',
    example: 'https://staging.example.com',
  }),
  insecure: RUN_FLAGS.insecure,
  count: text(USERS, 'how many users', { default: '50', placeholder: 'N' }),
  prefix: text(USERS, 'begin of their e-mail addresses, PREFIX-1@example.com and so on', {
    default: 'load',
    placeholder: 'PREFIX',
  }),
  out: text(USERS, 'file to write, as --users of a run wants it', { default: 'users.csv', path: 'file' }),
  force: toggle(USERS, 'replace that file'),
  concurrency: text(USERS, 'users made at a time', { default: '4', placeholder: 'N' }),
  'allow-target': list(SAFETY, 'host off this machine that may be asked', { placeholder: 'HOST' }),
  quiet: toggle(OUTPUT, 'no lines of progress'),
} as const satisfies Record<string, FlagSpec>;

const COLLECT = 'Collector:';

export const COLLECT_FLAGS = {
  config: text(COLLECT, 'file of the sources, YAML or JSON, as docs/collect.md describes it', {
    path: 'file',
  }),
  interval: text(COLLECT, 'between two lines (default: the file says, else 5s)', {
    placeholder: 'TIME',
    example: '5s',
  }),
  duration: text(COLLECT, 'how long, e.g. 30m (default: until it is stopped)', { placeholder: 'TIME' }),
  out: text(COLLECT, 'folder that system.ndjson is appended to in', { default: '.', path: 'folder' }),
  insecure: RUN_FLAGS.insecure,
  'allow-target': list(SAFETY, 'host off this machine that may be asked', { placeholder: 'HOST' }),
  quiet: toggle(OUTPUT, 'no lines about gaps'),
} as const satisfies Record<string, FlagSpec>;

const PARITY = 'Parity:';

export const PARITY_FLAGS = {
  config: text(
    PARITY,
    'file of what can be read of both systems, YAML or JSON, as docs/parity.md describes it',
    {
      path: 'file',
    },
  ),
  answers: text(PARITY, 'file of answers to what cannot be read; --init writes it', { path: 'file' }),
  init: toggle(
    PARITY,
    'write the file of --answers (default: parity-answers.yaml) with every open question, and stop',
  ),
  out: text(PARITY, 'file that the result is written to', { default: 'parity.json', path: 'file' }),
  insecure: RUN_FLAGS.insecure,
  'allow-target': list(SAFETY, 'host off this machine that may be asked', { placeholder: 'HOST' }),
  json: toggle(OUTPUT, 'print parity.json on stdout'),
} as const satisfies Record<string, FlagSpec>;

const SOURCE = 'Source:';
const ENCODER = 'Encoder:';
const SERVER = 'Server:';
const CONTROL = 'Control:';

export const PUBLISH_FLAGS = {
  to: text(SERVER, 'RTMP address without the stream key', {
    default: 'rtmp://127.0.0.1:1935/live',
    placeholder: 'URL',
  }),
  'stream-key': text(SERVER, 'key to publish under; also DORAMI_LOAD_STREAM_KEY (default: demo)', {
    placeholder: 'KEY',
    secret: true,
  }),
  file: text(SOURCE, 'a film in place of the test pattern, over and over', { path: 'file' }),
  input: text(SOURCE, "any input in ffmpeg's words, --input='-f v4l2 -i /dev/video0'; it sets the pace", {
    placeholder: 'WORDS',
  }),
  duration: text(SOURCE, 'stop after this long, e.g. 90s, 1h30m (default: never)', { placeholder: 'TIME' }),
  size: text(ENCODER, 'width and height', { default: '1920x1080', placeholder: 'WxH' }),
  rate: text(ENCODER, 'frames per second', { default: '30', placeholder: 'N' }),
  bitrate: text(ENCODER, 'bitrate of the picture, e.g. 2500k or 2.5M', {
    default: '2500k',
    placeholder: 'BITS',
  }),
  'audio-bitrate': text(ENCODER, 'bitrate of the sound', { default: '128k', placeholder: 'BITS' }),
  gop: text(ENCODER, 'time between keyframes, e.g. 1s or 500ms', { default: '1s', placeholder: 'TIME' }),
  preset: text(ENCODER, 'preset of x264', {
    default: 'veryfast',
    values: ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'],
  }),
  tune: text(ENCODER, 'tuning of x264; zerolatency takes its delay away', {
    values: ['film', 'animation', 'grain', 'stillimage', 'fastdecode', 'zerolatency'],
  }),
  control: text(
    CONTROL,
    'port on 127.0.0.1 that takes commands over HTTP, 0 for any free one (default: none)',
    {
      placeholder: 'PORT',
    },
  ),
  clock: text(
    CONTROL,
    'port that shows the clock of the stamps, 0 for any free one: --capture-clock of a run reads it (default: none)',
    { placeholder: 'PORT' },
  ),
  'clock-host': text(CONTROL, 'address to show it at, for runs on other machines', {
    default: '127.0.0.1',
    placeholder: 'ADDRESS',
  }),
  'allow-target': list(SAFETY, 'host off this machine that may be published to', { placeholder: 'HOST' }),
  quiet: toggle(OUTPUT, 'no line of status every few seconds'),
} as const satisfies Record<string, FlagSpec>;

export const INIT_FLAGS = {
  profile: text(CONFIG, 'print this profile as a file to start from, in place of settings', {
    values: profileNames(),
  }),
  out: text(CONFIG, 'file to write; an existing one is left alone', { path: 'file', default: INIT_FILE }),
} as const satisfies Record<string, FlagSpec>;

export type RunFlags = FlagValues<typeof RUN_FLAGS>;
export type TraceFlags = FlagValues<typeof TRACE_FLAGS>;
export type DoctorFlags = FlagValues<typeof DOCTOR_FLAGS>;
export type InitFlags = FlagValues<typeof INIT_FLAGS>;
export type CtlFlags = FlagValues<typeof CTL_FLAGS>;
export type FaultsFlags = FlagValues<typeof FAULTS_FLAGS>;
export type JudgeFlags = FlagValues<typeof JUDGE_FLAGS>;
export type ResumeFlags = FlagValues<typeof RESUME_FLAGS>;
export type CompareFlags = FlagValues<typeof COMPARE_FLAGS>;
export type ReadinessFlags = FlagValues<typeof READINESS_FLAGS>;
export type RepeatFlags = FlagValues<typeof REPEAT_FLAGS>;
export type MergeFlags = FlagValues<typeof MERGE_FLAGS>;
export type DashboardFlags = FlagValues<typeof DASHBOARD_FLAGS>;
export type ReportFlags = FlagValues<typeof REPORT_FLAGS>;
export type AgentFlags = FlagValues<typeof AGENT_FLAGS>;
export type CollectFlags = FlagValues<typeof COLLECT_FLAGS>;
export type ParityFlags = FlagValues<typeof PARITY_FLAGS>;
export type UsersFlags = FlagValues<typeof USERS_FLAGS>;
export type PublishFlags = FlagValues<typeof PUBLISH_FLAGS>;
export type StageFlags = FlagValues<typeof STAGE_FLAGS>;

/** The rows of a run, as any code that goes through all of them sees them. */
export const RUN_ROWS: Readonly<Record<string, FlagSpec>> = RUN_FLAGS;
