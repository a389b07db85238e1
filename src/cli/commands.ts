import {
  AGENT_FLAGS,
  COLLECT_FLAGS,
  COMPARE_FLAGS,
  CTL_FLAGS,
  DASHBOARD_FLAGS,
  DOCTOR_FLAGS,
  FAULTS_FLAGS,
  INIT_FLAGS,
  JUDGE_FLAGS,
  MERGE_FLAGS,
  PARITY_FLAGS,
  PUBLISH_FLAGS,
  READINESS_FLAGS,
  REPEAT_FLAGS,
  REPORT_FLAGS,
  RESUME_FLAGS,
  RUN_FLAGS,
  STAGE_FLAGS,
  TRACE_FLAGS,
  USERS_FLAGS,
} from '../config/flags.js';
import type { Rows } from '../config/layer.js';
import { FAULTS_WORDS } from '../faults/faults-words.js';
import { CTL_WORDS } from '../run/ctl-orders.js';
import { allProfiles } from '../scenarios/profiles.js';

/** What one command is, for the parser, its help and the shell. */
export interface CommandSpec {
  /** One line for the list of commands. */
  readonly summary: string;
  /** How it is called, without the program's name. */
  readonly usage: string;
  readonly about: string;
  /** What else there is to choose from, below a heading. */
  readonly choices?: { readonly heading: string; readonly rows: readonly (readonly [string, string])[] };
  readonly flags: Rows;
  /** The one word that is no flag. */
  readonly word?: WordSpec;
  /** Words after that one may follow; what they are is checked where they mean something. */
  readonly moreWords?: true;
  readonly examples: readonly Example[];
}

export interface WordSpec {
  readonly name: string;
  readonly wanted: string;
  /** All there are, when they can be listed; else it is a folder. */
  readonly values?: readonly string[];
}

export interface Example {
  /** Without the program's name. */
  readonly call: string;
  readonly what: string;
}

/** Shells that a completion script can be printed for. */
export const SHELLS: readonly string[] = ['bash', 'zsh', 'fish'];

const RUN_ABOUT = `Loads a platform with viewers and judges what they saw. Without --target the run \
starts its own stage, a stand-in platform on this machine.

Every setting can stand in a file and in the environment too, the later wins: \
default < profile < file (dorami-load.yaml) < environment (--allow-target is DORAMI_LOAD_ALLOW_TARGET) < flag.

Exit codes: 0 pass, 99 a mandatory KPI failed, 114 no data for one, 111 run invalid (the generator was the \
bottleneck), 105 stopped by a signal, 113 preflight failed, 104 bad configuration, 1 our own fault.`;

const RUN: CommandSpec = {
  summary: 'load a platform and judge it (taken for granted)',
  usage: '[run] [flags]',
  about: RUN_ABOUT,
  choices: {
    heading: 'Profiles:',
    rows: [
      ...allProfiles().map(({ name, title }) => [name, title] as const),
      ['FILE.yaml', 'one of your own, begun with init --profile ramp > FILE.yaml'],
    ],
  },
  flags: RUN_FLAGS,
  examples: [
    { call: '--vus 50 --profile smoke', what: 'one minute against the own stage' },
    {
      call: '--target https://staging.example.com --allow-target staging.example.com',
      what: 'a platform of yours; its stream key in DORAMI_LOAD_STREAM_KEY',
    },
    { call: '--profile spike --time-scale 0.1 --vus 100', what: 'a small and short one to try it out' },
    { call: '--vus 200 --print-plan', what: 'what would be run' },
    { call: '--profile baseline --runs 3', what: 'three runs, one result' },
  ],
};

const DOCTOR: CommandSpec = {
  summary: 'what would spoil a run, before it is made: machine, platform, limits, configuration',
  usage: 'doctor [flags]',
  about: `Looks at everything that a run with the same flags would meet, and ends with what to change, in order. It is \
the whole of what each run looks at for a moment: this machine, every endpoint of the platform as one viewer meets it, \
capture stamps and clocks, tokens, limits per address, known traps of configurations, and the sources of --collect.

Limits are found by a few bounded probes, said before they are made: no more than 64 sockets, 32 bodies of FLV and 120 \
reads in 2 s from this address, on this machine or hosts of --allow-target only. --no-probes leaves them out.

Exit codes: 0 nothing would spoil the run (warnings or not), 113 something would, 105 stopped by a signal, 104 bad \
configuration, 1 our own fault.`,
  flags: DOCTOR_FLAGS,
  examples: [
    { call: 'doctor --vus 500 --profile ramp', what: 'this machine, with the own stage' },
    {
      call: 'doctor --target https://staging.example.com --allow-target staging.example.com --users users.csv',
      what: 'a platform of yours; its stream key in DORAMI_LOAD_STREAM_KEY',
    },
    { call: 'doctor --nginx-config nginx.conf --srs-config srs.conf', what: 'known traps of both' },
  ],
};

const STAGE: CommandSpec = {
  summary: 'the stand-in platform by itself',
  usage: 'stage [flags]',
  about: 'Serves video, chat and shop on loopback until it is stopped.',
  flags: STAGE_FLAGS,
  examples: [{ call: 'stage --port 8080 --users-out users.csv', what: 'and write accounts for --users' }],
};

const PUBLISH: CommandSpec = {
  summary: 'a broadcaster with a capture time in every frame (needs ffmpeg)',
  usage: 'publish [flags]',
  about: `Encodes a test pattern, a film or any input of ffmpeg, stamps each frame with the time at which it was \
made, before the encoder, and sends it to an RTMP server until it is stopped.

While it runs it takes lines on stdin, and with --control the same over HTTP: pause, resume, \
drop SECONDS (the connection breaks, and a new one comes), new-timestamps [SECONDS] (ends and begins anew), status.

Exit codes: 0 stopped, time over or source at its end; 104 bad configuration; 113 nothing was published: no ffmpeg, \
or the server refuses or does not answer; 115 the encoder ended or the connection was lost; 130 stopped twice; \
1 our own fault.`,
  flags: PUBLISH_FLAGS,
  examples: [
    { call: 'publish --to rtmp://127.0.0.1/live --stream-key show', what: '1080p30, 2.6 Mbit/s' },
    {
      call: 'publish --file film.mp4 --size 1280x720 --control 9100',
      what: 'a film, and commands on port 9100',
    },
  ],
};

const JUDGE: CommandSpec = {
  summary: 'the verdict of a finished or killed run, from its folder',
  usage: 'judge DIR [flags]',
  about: 'Judges the folder of a run again, and ends with the exit code that the run itself had.',
  flags: JUDGE_FLAGS,
  word: { name: 'DIR', wanted: 'the folder of a run' },
  examples: [
    { call: 'judge runs/20261122T090605Z-smoke-a1b2c3', what: 'the same verdict once more' },
    {
      call: 'judge runs/20261122T090605Z-smoke-a1b2c3 --explain api_success',
      what: 'why a row is what it is',
    },
  ],
};

const RESUME: CommandSpec = {
  summary: 'take up a run over load boxes whose coordinator was killed',
  usage: 'resume DIR [flags]',
  about: `Goes on with a run of --nats from its folder: what the killed coordinator had written counts, the rest comes \
from the broker, which keeps it for two minutes; boxes wait 30 s for a coordinator before their viewers leave. The run \
ends as it would have ended; its verdict has a note.

Settings are those of run.json; secrets are not kept and are said again, best in the environment (DORAMI_LOAD_NATS, \
DORAMI_LOAD_STREAM_KEY). To be called in the folder where the run was begun. What cannot be taken up (own stage, \
--embed-nats, an escalation, a plan changed by ctl, another version, a run that is over) is said, and the folder is \
judged as it is.

Exit codes: those of run.`,
  flags: RESUME_FLAGS,
  word: { name: 'DIR', wanted: 'the folder of a run' },
  examples: [
    {
      call: 'resume runs/20261122T090605Z-smoke-a1b2c3',
      what: 'with DORAMI_LOAD_NATS=nats://USER:PASSWORD@HOST:4222',
    },
  ],
};

const REPORT: CommandSpec = {
  summary: 'the reports of a finished, killed or running run, from its folder',
  usage: 'report DIR [flags]',
  about: `Makes report.html, summary.md, junit.xml and series.csv once more, and prints where they are. A run writes \
them itself at its end; this is for one that was killed, is still going, or had --no-report.

Exit codes: 0 written, 104 not the folder of a run, 1 the disk is full. The verdict is what judge is for.`,
  flags: REPORT_FLAGS,
  word: { name: 'DIR', wanted: 'the folder of a run' },
  examples: [
    { call: 'report runs/20261122T090605Z-smoke-a1b2c3', what: 'then open report.html in a browser' },
  ],
};

const DASHBOARD: CommandSpec = {
  summary: 'the page of --dashboard for a finished or running run, from its folder',
  usage: 'dashboard DIR [flags]',
  about: `Shows the folder of a run as a page at http://127.0.0.1:9090 until Ctrl-C: gauges of the containers, streaming, \
API, WebSocket, the generator, trends, alerts and the gate so far. A folder that still grows is followed. /metrics there \
is for Prometheus.

Exit codes: 0 stopped, 104 not the folder of a run or the port is taken, 130 stopped twice, 1 our own fault.`,
  flags: DASHBOARD_FLAGS,
  word: { name: 'DIR', wanted: 'the folder of a run' },
  examples: [
    { call: 'dashboard runs/20261122T090605Z-smoke-a1b2c3', what: 'then open http://127.0.0.1:9090' },
  ],
};

const COMPARE: CommandSpec = {
  summary: 'tell a regression from noise between runs of one load',
  usage: 'compare A B [flags]',
  about: `Compares every row that both sides judged. A and B are folders of runs or their summary.json, or lists of \
them with commas between: then the runs are the samples, and three a side tell more than the longest one. Of one run \
a side the viewers are the samples, each counted once; a percentile that so few cannot tell is compared at a lower one.

All rows together raise a false alarm in at most 5 % of comparisons. A change counts when it is more than chance and \
more than --share. Runs of different loads, and runs that were cut short, are refused.

Exit codes: 0 no regression shown, 117 a mandatory row got worse, 114 nothing could be compared, 111 a run is \
invalid, 104 no runs, or not of one load.`,
  flags: COMPARE_FLAGS,
  word: { name: 'A', wanted: 'compare A B: two runs, or two lists of runs' },
  moreWords: true,
  examples: [
    { call: 'compare runs/before runs/after', what: 'one run a side' },
    { call: 'compare old1,old2,old3 new1,new2,new3', what: 'three a side: the runs are the samples' },
  ],
};

const READINESS: CommandSpec = {
  summary: 'the release verdict: the ten mandatory criteria from the runs of all scenarios',
  usage: 'readiness DIR... [flags]',
  about: `Fills the ten mandatory criteria of the strategy (5.1), each from the scenario it names: ramp, spike, soak, \
recovery. READY: every one is proven. NOT READY: one failed in a valid run. NOT PROVEN: something is missing, and it \
says what.

A run that was scaled, cut short, changed while it ran, smaller or shorter than its scenario is drawn, with viewers \
that do less (--rate, --mix, guests), or on the own stage proves nothing; what fails in it has failed all the same.

Exit codes: 0 ready, 99 not ready, 114 not proven, 104 no runs, or not of one platform.`,
  flags: READINESS_FLAGS,
  word: { name: 'DIR', wanted: 'the folders of runs' },
  moreWords: true,
  examples: [
    {
      call: 'readiness runs/*-ramp-* runs/*-spike-* runs/*-soak-* runs/*-recovery-*',
      what: 'all four scenarios',
    },
  ],
};

const REPEAT: CommandSpec = {
  summary: 'several runs of one load as one result: medians, spread, how many passed',
  usage: 'repeat DIR... [flags]',
  about: `Joins finished runs of one load to one result, as --runs 3 of a run does. It is a pass only if all of them \
passed, and ends with the exit code of the worst.`,
  flags: REPEAT_FLAGS,
  word: { name: 'DIR', wanted: 'the folders of two runs or more' },
  moreWords: true,
  examples: [{ call: 'repeat runs/one runs/two runs/three', what: 'e.g. 2 of 3 passed: FAIL' }],
};

const MERGE: CommandSpec = {
  summary: 'join the parts of one run to a folder that can be judged',
  usage: 'merge DIR... [flags]',
  about: `Joins folders that are parts of one run: the same run id, plan and version, and no tick in two of them. \
judge and report read what comes out; a run of which one part did not end did not end.

Exit codes: 0 merged, 104 not the parts of one run, 1 our own fault. The verdict is what judge is for.`,
  flags: MERGE_FLAGS,
  word: { name: 'DIR', wanted: 'the folders of the parts' },
  moreWords: true,
  examples: [
    {
      call: 'merge box1/20261122T090605Z-ramp-a1b2c3 box2/20261122T090605Z-ramp-a1b2c3 --out whole',
      what: 'then: judge whole',
    },
  ],
};

const CTL: CommandSpec = {
  summary: 'pause, resume, scale or stop a running run',
  usage: 'ctl ORDER [N] DIR [flags]',
  about: `Gives an order to a run that was started with --ctl, from its folder.

pause        the number of viewers stands still, and the profile's time with it
resume       the profile goes on where it was paused
scale N      N viewers from now on, until the profile's last drain; at most --max-vus
stop         all leave, what was measured is judged: as one Ctrl-C
status       how it stands

The run's verdict says what was changed when. It listens on 127.0.0.1 alone; port and token stand in ctl.json of its \
folder, which only its owner can read.

Exit codes: 0 done, 116 the run refused, is over or takes no orders, 104 bad words or no run, 1 our own fault.`,
  flags: CTL_FLAGS,
  word: { name: 'ORDER', wanted: CTL_WORDS.join(', '), values: CTL_WORDS },
  moreWords: true,
  examples: [
    { call: 'ctl scale 80 runs/20261122T090605Z-smoke-a1b2c3', what: '80 viewers from now on' },
    { call: 'ctl pause runs/20261122T090605Z-smoke-a1b2c3', what: 'stay where it is' },
  ],
};

const FAULTS: CommandSpec = {
  summary: 'what runs with --allow-network-faults left changed on this machine, and undo it',
  usage: 'faults ORDER [flags]',
  about: `A run writes each change of this machine (rules of iptables, queues, links, processes, containers) into a journal \
before it makes it, and undoes it when the fault is over, when the run ends or is stopped; a process of its own does when \
the run is killed. This is for what is left when all of them are gone.

list   what is open, and whether it is still there
undo   look, undo, look again; may be called as often as one likes

Changes of a run that still goes are left to it, unless --running is given. What was made in a network namespace can be \
seen and undone in there only.

Exit codes: 0 nothing is left, or listed; 116 something could not be undone or read; 104 bad words or no such folder.`,
  flags: FAULTS_FLAGS,
  word: { name: 'ORDER', wanted: FAULTS_WORDS.join(', '), values: FAULTS_WORDS },
  examples: [
    { call: 'faults list', what: 'what is left' },
    { call: 'faults undo', what: 'take it away' },
  ],
};

const TRACE: CommandSpec = {
  summary: 'one viewer and no load: what it goes through, as it happens',
  usage: 'trace [flags]',
  about: `Sends one viewer to a platform and prints what it goes through: sockets, joins, requests, media, waits, \
actions. Nothing is judged. A timeline for the browser, a trace for Perfetto and every line are in the run folder. \
Ctrl-C ends it earlier and keeps all.

Settings come from the same places as those of a run (dorami-load.yaml, the environment); what they say of loads, their \
size and length, does not hold here. To follow viewers of a load: --trace-vu of run.`,
  flags: TRACE_FLAGS,
  examples: [
    {
      call: 'trace --duration 30s --stage-fault freeze:at=10,for=2',
      what: 'a freeze of 2 s on the own stage',
    },
    {
      call: 'trace --protocol hls --target https://staging.example.com --allow-target staging.example.com',
      what: 'a platform of yours; its stream key in DORAMI_LOAD_STREAM_KEY',
    },
  ],
};

const TIMELINE: CommandSpec = {
  summary: 'the timelines of followed viewers once more, from the folder of a run',
  usage: 'timeline DIR',
  about: `Draws vu-N.timeline.html and vu-N.chrome.json anew from the lines in DIR/trace, also of a run that was \
killed.`,
  flags: {},
  word: { name: 'DIR', wanted: 'the folder of a run with --trace-vu, or of dorami-load trace' },
  examples: [{ call: 'timeline runs/20261122T090605Z-smoke-a1b2c3', what: 'after a run that was killed' }],
};

const AGENT: CommandSpec = {
  summary: 'one load box of many: waits for a run over several machines',
  usage: 'agent --nats URL [flags]',
  about: `Serves runs that are begun elsewhere with run --nats URL --agents N, one at a time, again and again. It loads this machine and the hosts of its own --allow-target, whatever a run asks for. Of its user's tokens it gets those of its own viewers, sealed so that no broker can read them.

What it measured stands in --dir until the broker has it: a crash or a cut loses nothing that was written. Cut off for --dead-man, or without a coordinator for 30s, its viewers leave. Flags can stand in the environment (--nats is DORAMI_LOAD_NATS).

Exit codes: 0 stopped while it waited, or --once and its run is over; 105 stopped in a run, or with records undelivered; 113 no broker, or it refuses us; 116 there is an agent of its name; 104 bad configuration; 130 stopped twice; 1 our own fault.`,
  flags: AGENT_FLAGS,
  examples: [
    {
      call: 'agent --allow-target staging.example.com --name box-1',
      what: 'with DORAMI_LOAD_NATS=nats://USER:PASSWORD@HOST:4222',
    },
    { call: 'agent --once --max-vus 300', what: 'for one run' },
  ],
};

const COLLECT: CommandSpec = {
  summary: 'what the platform itself says while it is under load, into system.ndjson',
  usage: 'collect --config FILE [flags]',
  about: `Asks processes, nginx, SRS and the backend every 5 s and appends a line of JSON with what they say. A source \
that fails is a gap with its reason, never a zero, and does not hold up the others. Runs beside a load, on the machine \
whose processes and logs it reads.

Exit codes: 0 time over or stopped, 104 bad configuration, 130 stopped twice, 1 lines could not be written.`,
  flags: COLLECT_FLAGS,
  examples: [
    { call: 'collect --config sources.yaml --out runs/monitoring', what: 'until Ctrl-C' },
    { call: 'collect --config sources.yaml --interval 1s --duration 10m', what: 'finer, for ten minutes' },
  ],
};

const PARITY: CommandSpec = {
  summary: 'how like production a staging platform is: the checklist of the strategy (4.1), row by row',
  usage: 'parity [--config FILE] [--answers FILE] [flags]',
  about: `Compares two systems, production and staging, row by row: images, SRS's and nginx's configuration by meaning, \
versions and limits of PostgreSQL and Redis, Node.js, networks, limits of containers, ECS. Reads what it can from the files \
and endpoints in --config; what is left is asked of a person, each question with the command that answers it \
(--init writes them as a file, --answers takes it). Nothing is changed on either system.

The result is written as parity.json: --parity of a run and of report shows it.

Exit codes: 0 all rows alike, 118 a row differs, 119 none differs and a question is open, 104 bad configuration, \
1 our own fault.`,
  flags: PARITY_FLAGS,
  examples: [
    { call: 'parity --init', what: 'writes parity-answers.yaml with every question' },
    { call: 'parity --config parity.yaml --answers parity-answers.yaml', what: 'writes parity.json' },
  ],
};

const USERS: CommandSpec = {
  summary: 'test users for a run against a staging platform of yours',
  usage: 'users create --target URL [flags]',
  about: `Makes test users by the platform's test login and writes them as a users file for --users of a run.

The platform must have its test login on: ENABLE_DEV_AUTH=true and, off its own machine, APP_ENV=staging. Stopped or \
refused midway, the same command goes on where it was. Users that are there already are signed in again.

Exit codes: 0 all made, 105 stopped by a signal, 113 the platform refuses or does not answer, 104 bad configuration, \
1 our own fault.`,
  flags: USERS_FLAGS,
  word: { name: 'create', wanted: 'dorami-load users create', values: ['create'] },
  examples: [
    {
      call: 'users create --target https://staging.example.com --allow-target staging.example.com --count 200',
      what: 'writes users.csv',
    },
  ],
};

const INIT: CommandSpec = {
  summary: 'write a commented configuration file, or a profile to start from',
  usage: 'init [--profile NAME] [--out FILE]',
  about: `Writes a file with every setting, what it does and its default. An existing file is left alone.

With --profile it prints that profile as a file, to start your own from; with --out as well it writes it.`,
  flags: INIT_FLAGS,
  examples: [
    { call: 'init', what: 'writes dorami-load.yaml, which a run here reads' },
    { call: 'init --profile ramp > mine.yaml', what: 'then: dorami-load --profile mine.yaml' },
  ],
};

const COMPLETION: CommandSpec = {
  summary: 'print a completion script for bash, zsh or fish',
  usage: 'completion SHELL',
  about: `Prints a script that completes commands, flags and their values.

bash: eval "$(dorami-load completion bash)" in ~/.bashrc
zsh:  dorami-load completion zsh > a folder of $fpath, as _dorami-load
fish: dorami-load completion fish > ~/.config/fish/completions/dorami-load.fish`,
  flags: {},
  word: { name: 'SHELL', wanted: SHELLS.join(', '), values: SHELLS },
  examples: [],
};

export const COMMANDS = {
  run: RUN,
  stage: STAGE,
  judge: JUDGE,
  resume: RESUME,
  report: REPORT,
  dashboard: DASHBOARD,
  compare: COMPARE,
  repeat: REPEAT,
  readiness: READINESS,
  merge: MERGE,
  ctl: CTL,
  faults: FAULTS,
  publish: PUBLISH,
  trace: TRACE,
  timeline: TIMELINE,
  doctor: DOCTOR,
  agent: AGENT,
  collect: COLLECT,
  parity: PARITY,
  users: USERS,
  init: INIT,
  completion: COMPLETION,
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof COMMANDS;

/** Every command by name, as code that goes through all of them sees it. */
export const ALL_COMMANDS: Readonly<Record<string, CommandSpec>> = COMMANDS;
