import { readFileSync } from 'node:fs';
import { parseCommandLine } from './cli/command-line.js';
import { type Outcome, outcomeOf } from './cli/outcome.js';
import { resolvePublishFlags } from './cli/publish-flags.js';
import { secretsOf } from './cli/secrets.js';
import { readFaults, resolveStageFlags } from './cli/stage-flags.js';
import { followOne, runFlagsOf } from './cli/trace-flags.js';
import { resolveUsersFlags } from './cli/users-flags.js';
import type {
  AgentFlags,
  CollectFlags,
  CompareFlags,
  CtlFlags,
  DashboardFlags,
  DoctorFlags,
  FaultsFlags,
  InitFlags,
  JudgeFlags,
  MergeFlags,
  ParityFlags,
  PublishFlags,
  ReadinessFlags,
  RepeatFlags,
  ReportFlags,
  ResumeFlags,
  RunFlags,
  StageFlags,
  TraceFlags,
  UsersFlags,
} from './config/flags.js';
import { placed, placeOf } from './config/layer.js';
import { formatSettings, settingsJson } from './config/settings.js';
import { type RunConfig, resolveConfig } from './config.js';
import { ConfigError, type ConfigIssue } from './errors.js';
import { EXIT } from './report/exit-codes.js';
import { readMachine } from './run/machine.js';
import { type Output, processOutput } from './run/output.js';

/**
 * The command `dorami-load`. Never throws: whatever happens becomes an exit code and a last line on stderr.
 * @param argv without node and script
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const output = processOutput(secretsOf(argv, env));
  const end = (outcome: Outcome): number => {
    if (outcome.reason !== undefined) output.line(`exit ${outcome.exitCode}: ${outcome.reason}`);
    return outcome.exitCode;
  };
  const fail = (error: unknown): Outcome => {
    if (env.DORAMI_LOAD_DEBUG === '1' && error instanceof Error) output.line(error.stack ?? String(error));
    return outcomeOf(error, output);
  };
  // What is thrown outside of every promise: the stage goes with us, its stdin closes.
  process.once('uncaughtException', (error) => process.exit(end(fail(error))));
  const outcome = await run(argv, env, output).catch(fail);
  const lost = await output.lost();
  if (lost === undefined || outcome.exitCode === EXIT.internal) return end(outcome);
  const reason = outcome.reason === undefined ? lost : `${lost}; ${outcome.reason}`;
  return end({ exitCode: EXIT.internal, reason });
}

/** Each command is loaded only when it is asked for: a stage must not carry the memory of a run, nor wait for it. */
async function run(argv: readonly string[], env: NodeJS.ProcessEnv, output: Output): Promise<Outcome> {
  const line = parseCommandLine(argv, process.stdout.isTTY ? process.stdout.columns : undefined);
  switch (line.command) {
    case 'help':
      output.result(line.text);
      return { exitCode: EXIT.pass };
    case 'version':
      output.result(ownVersion());
      return { exitCode: EXIT.pass };
    case 'judge':
      if (line.issues.length > 0) throw new ConfigError(line.issues);
      return (await import('./run/judge-command.js')).judgeCommand(
        line.word ?? '',
        line.flags as JudgeFlags,
        output,
      );
    case 'resume':
      return resume(line.word ?? '', line.flags as ResumeFlags, line.issues, { env, output });
    case 'report':
      if (line.issues.length > 0) throw new ConfigError(line.issues);
      return (await import('./run/report-command.js')).reportCommand(
        line.word ?? '',
        line.flags as ReportFlags,
        output,
      );
    case 'dashboard': {
      const { dashboardCommand } = await import('./run/dashboard-command.js');
      const flags = line.flags as DashboardFlags;
      return dashboardCommand(line.word ?? '', flags, line.issues, { output, signals: process });
    }
    case 'compare':
    case 'readiness':
    case 'repeat':
    case 'merge':
      return severalRuns(line.command, line, output);
    case 'ctl': {
      const { ctlWords } = await import('./run/ctl-orders.js');
      const { order, folder } = ctlWords(line.word ?? '', line.more ?? [], line.issues);
      const { json = false } = line.flags as CtlFlags;
      return (await import('./run/ctl-command.js')).ctlCommand(order, folder, json, output);
    }
    case 'faults': {
      const { faultsCommand } = await import('./faults/faults-command.js');
      return faultsCommand(line.word ?? '', line.flags as FaultsFlags, line.issues, output);
    }
    case 'stage':
      return stage(line.flags as StageFlags, line.issues, env);
    case 'publish': {
      const options = resolvePublishFlags(line.flags as PublishFlags, line.issues, env);
      const { publishCommand } = await import('./publish/publish-command.js');
      return publishCommand(options, { output, signals: process, stdin: process.stdin });
    }
    case 'init':
      return (await smallCommands()).initCommand(line.flags as InitFlags, line.issues, process.cwd(), output);
    case 'completion':
      return (await smallCommands()).completionCommand(line.word ?? '', line.issues, output);
    case 'users': {
      const options = resolveUsersFlags(line.word ?? '', line.flags as UsersFlags, line.issues);
      return (await import('./run/users-command.js')).usersCommand(options, { output, signals: process });
    }
    case 'agent': {
      const { resolveAgentFlags } = await import('./cli/agent-flags.js');
      const options = resolveAgentFlags(line.flags as AgentFlags, line.issues, env, readMachine().cores);
      const { agentCommand } = await import('./run/agent-command.js');
      return agentCommand(options, { output, version: ownVersion(), signals: process });
    }
    case 'collect': {
      const { resolveCollectFlags } = await import('./cli/collect-flags.js');
      const options = resolveCollectFlags(line.flags as CollectFlags, line.issues, env);
      const { collectCommand } = await import('./collect/collect-command.js');
      return collectCommand(options, { output, env, signals: process });
    }
    case 'parity': {
      const { resolveParityFlags } = await import('./cli/parity-flags.js');
      const options = resolveParityFlags(line.flags as ParityFlags, line.issues);
      return (await import('./parity/parity-command.js')).parityCommand(options, output, env);
    }
    case 'trace':
      return trace(line.flags as TraceFlags, line.issues, env, output);
    case 'doctor':
      return doctor(line.flags as DoctorFlags, line.issues, env, output);
    case 'timeline':
      if (line.issues.length > 0) throw new ConfigError(line.issues);
      return (await import('./run/timeline-command.js')).timelineCommand(line.word ?? '', output);
    case 'run':
      return load(line.flags as RunFlags, line.issues, { env, output });
  }
}

/** Takes a killed run up again; one that cannot be is judged as it is. */
async function resume(
  folder: string,
  line: ResumeFlags,
  issues: readonly ConfigIssue[],
  { env, output }: Pick<LoadDeps, 'env' | 'output'>,
): Promise<Outcome> {
  if (issues.length > 0) throw new ConfigError(issues);
  const { CannotResume, findLeft } = await import('./run/resumable.js');
  const { readRecord } = await import('./run/read-run.js');
  const record = await readRecord(folder);
  try {
    const version = ownVersion();
    const left = await findLeft(folder, record, version);
    const { keptFlags } = await import('./config/kept-settings.js');
    const unsaid: ConfigIssue[] = [];
    const flags = keptFlags(record.settings, line, env, unsaid);
    if (unsaid.length > 0) throw new ConfigError(unsaid);
    const deps = { output, version, signals: process };
    return await load(flags, [], {
      ...{ env, output },
      instead: async (config) => (await import('./run.js')).resumeRun(config, { folder, record, left }, deps),
    });
  } catch (error) {
    if (!(error instanceof CannotResume)) throw error;
    output.line(`the run is not taken up again: ${error.message}; it is judged as it is`);
    const { json = false } = line;
    return (await import('./run/judge-command.js')).judgeCommand(folder, { json }, output);
  }
}

interface SeveralRuns {
  readonly word?: string;
  readonly more?: readonly string[];
  readonly flags: object;
  readonly issues: readonly ConfigIssue[];
}

async function severalRuns(
  command: 'compare' | 'readiness' | 'repeat' | 'merge',
  { word = '', more = [], flags, issues }: SeveralRuns,
  output: Output,
): Promise<Outcome> {
  const runs = word === '' ? [] : [word, ...more];
  switch (command) {
    case 'compare':
      return (await import('./run/compare-command.js')).compareCommand(
        runs,
        flags as CompareFlags,
        issues,
        output,
      );
    case 'readiness':
      return (await import('./run/readiness-command.js')).readinessCommand(
        runs,
        flags as ReadinessFlags,
        issues,
        output,
      );
    case 'repeat':
      return (await import('./run/repeat-command.js')).repeatCommand(
        runs,
        flags as RepeatFlags,
        issues,
        output,
      );
    case 'merge':
      return (await import('./run/merge-command.js')).mergeCommand(runs, flags as MergeFlags, issues, output);
  }
}

const smallCommands = () => import('./cli/small-commands.js');

interface LoadDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly output: Output;
  /** What else is to be made of all that was given. */
  readonly change?: (given: RunFlags, issues: ConfigIssue[]) => RunFlags;
  readonly story?: (lines: readonly string[]) => void;
  /** What is done in place of a run with all that was given. */
  readonly instead?: (config: RunConfig) => Promise<Outcome>;
}

async function trace(
  line: TraceFlags,
  before: readonly ConfigIssue[],
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<Outcome> {
  const { createStoryView } = await import('./run/story-view.js');
  return load(runFlagsOf(line), before, {
    env,
    output,
    change: (given, issues) => followOne(given, line, issues),
    story: createStoryView(line.json === true, output),
  });
}

/** Reads what a run reads, from the same places. */
async function doctor(
  line: DoctorFlags,
  before: readonly ConfigIssue[],
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<Outcome> {
  const { splitDoctorFlags } = await import('./cli/doctor-flags.js');
  const issues = [...before];
  const { run: given, options } = splitDoctorFlags(line, issues);
  return load(given, issues, {
    ...{ env, output },
    async instead(config) {
      const { doctorCommand } = await import('./doctor/doctor-command.js');
      return doctorCommand(config, options, { output, env, version: ownVersion(), signals: process });
    },
  });
}

async function load(
  line: RunFlags,
  before: readonly ConfigIssue[],
  { env, output, change, story, instead }: LoadDeps,
): Promise<Outcome> {
  const issues = [...before];
  const { gather } = await import('./config/gather.js');
  const { flags: given, origins, file } = gather(line, { env, folder: process.cwd() }, issues);
  const flags = change ? change(given, issues) : given;
  if (file?.found) output.line(`settings from ${file.path} (--config none leaves it out)`);
  const faults: ConfigIssue[] = [];
  readFaults('--stage-fault', flags['stage-fault'] ?? [], faults);
  issues.push(...placed(faults, origins));
  const cores = Math.max(1, Math.floor(readMachine().cores));
  const { isProfileFile, readProfileFile } = await import('./config/profile-file.js');
  const profile =
    flags.profile !== undefined && isProfileFile(flags.profile)
      ? readProfileFile(flags.profile, placeOf('profile', origins.profile), issues)
      : undefined;
  const { collect: sources } = flags;
  const collect =
    sources === undefined || story !== undefined
      ? undefined
      : (await import('./cli/collect-flags.js')).readRunCollect(
          sources,
          placeOf('collect', origins.collect),
          flags,
          env,
          issues,
        );
  const parity =
    flags.parity === undefined || story !== undefined
      ? undefined
      : (await import('./parity/read-parity.js')).readParity(
          flags.parity,
          placeOf('parity', origins.parity),
          issues,
        );
  const config = resolveConfig(flags, { cores, env, profile, collect, parity }, issues, origins);
  if (config.printConfig) {
    const { settings } = config;
    output.result(config.json ? JSON.stringify(settingsJson(settings), null, 2) : formatSettings(settings));
    return { exitCode: EXIT.pass };
  }
  try {
    if (instead !== undefined) return await instead(config);
    const { runCommand } = await import('./run.js');
    const deps = { output, version: ownVersion(), signals: process };
    if (config.runs > 1 && story === undefined && !config.printPlan) {
      const { runMany } = await import('./run/run-many.js');
      const { runs, json } = config;
      return await runMany({
        ...{ runs, json, output },
        once: (to, madeFolder) => runCommand(config, { ...deps, output: to, madeFolder }),
      });
    }
    return await runCommand(config, { ...deps, ...(story === undefined ? {} : { story }) });
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(placed(error.issues, origins), { cause: error });
    throw error;
  }
}

async function stage(
  flags: StageFlags,
  issues: readonly ConfigIssue[],
  env: NodeJS.ProcessEnv,
): Promise<Outcome> {
  const { runStageCommand } = await import('./stage/stage-command.js');
  await runStageCommand(resolveStageFlags(flags, issues, env));
  return { exitCode: EXIT.pass };
}

function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
