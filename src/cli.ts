import { readFileSync } from 'node:fs';
import { parseCommandLine } from './cli/command-line.js';
import { SHELLS } from './cli/commands.js';
import { readFaults, resolveStageFlags } from './cli/stage-flags.js';
import { variableOf } from './config/env-layer.js';
import type { InitFlags, JudgeFlags, RunFlags, StageFlags } from './config/flags.js';
import { gather } from './config/gather.js';
import { MIN_SECRET_CHARS } from './config/jwt-secret.js';
import { placed } from './config/layer.js';
import { formatSettings, settingsJson } from './config/settings.js';
import { resolveConfig } from './config.js';
import {
  ConfigError,
  type ConfigIssue,
  formatIssue,
  PreflightError,
  TargetNotAllowedError,
} from './errors.js';
import { EXIT } from './report/exit-codes.js';
import { readMachine } from './run/machine.js';
import { type Output, processOutput } from './run/output.js';
import { StoppedBeforeStart } from './run/stop-signals.js';

/** How a command ended. */
export interface Outcome {
  readonly exitCode: number;
  /** Why, in words: printed as the last line on stderr. Absent = there is nothing to say. */
  readonly reason?: string;
}

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
    case 'stage':
      return stage(line.flags as StageFlags, line.issues, env);
    case 'init':
      return init(line.flags as InitFlags, line.issues, output);
    case 'completion':
      return completion(line.word ?? '', line.issues, output);
    case 'run':
      return load(line.flags as RunFlags, line.issues, env, output);
  }
}

async function init(flags: InitFlags, issues: readonly ConfigIssue[], output: Output): Promise<Outcome> {
  const { writeTemplate } = await import('./cli/init-command.js');
  output.line(`wrote ${writeTemplate(flags, issues, process.cwd())}`);
  return { exitCode: EXIT.pass };
}

async function completion(shell: string, issues: readonly ConfigIssue[], output: Output): Promise<Outcome> {
  const { completionScript } = await import('./cli/completion/script.js');
  const script = completionScript(shell);
  const unknown = {
    path: 'completion',
    problem: 'no script for this shell',
    seen: shell,
    wanted: SHELLS.join(', '),
  };
  const all = script === undefined && shell !== '' ? [...issues, unknown] : issues;
  if (script === undefined || all.length > 0) throw new ConfigError(all);
  output.result(script);
  return { exitCode: EXIT.pass };
}

async function load(
  line: RunFlags,
  before: readonly ConfigIssue[],
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<Outcome> {
  const issues = [...before];
  const { flags, origins, file } = gather(line, { env, folder: process.cwd() }, issues);
  if (file?.found) output.line(`settings from ${file.path} (--config none leaves it out)`);
  const faults: ConfigIssue[] = [];
  readFaults('--stage-fault', flags['stage-fault'] ?? [], faults);
  issues.push(...placed(faults, origins));
  const cores = Math.max(1, Math.floor(readMachine().cores));
  const config = resolveConfig(flags, { cores, env }, issues, origins);
  if (config.printConfig) {
    const { settings } = config;
    output.result(config.json ? JSON.stringify(settingsJson(settings), null, 2) : formatSettings(settings));
    return { exitCode: EXIT.pass };
  }
  const { runCommand } = await import('./run.js');
  try {
    return await runCommand(config, { output, version: ownVersion(), signals: process });
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

/** A sentence and a code for whatever was thrown; no stack trace. */
function outcomeOf(error: unknown, output: Output): Outcome {
  if (error instanceof ConfigError) {
    if (error.issues.length > 1) for (const issue of error.issues) output.line(formatIssue(issue));
    const [first] = error.issues;
    const rest = error.issues.length - 1;
    const count = rest > 0 ? `${rest + 1} problems, the first: ` : '';
    return { exitCode: EXIT.config, reason: `bad configuration: ${count}${first ? formatIssue(first) : ''}` };
  }
  if (error instanceof TargetNotAllowedError) return { exitCode: EXIT.config, reason: error.message };
  if (error instanceof PreflightError)
    return { exitCode: EXIT.preflight, reason: `preflight: ${error.message}` };
  if (error instanceof StoppedBeforeStart) return { exitCode: EXIT.stopped, reason: error.message };
  const words = error instanceof Error ? error.message : String(error);
  return {
    exitCode: EXIT.internal,
    reason: `our own fault: ${words.split('\n')[0]} (DORAMI_LOAD_DEBUG=1 shows where)`,
  };
}

/**
 * The stream key and the JWT secret, however they were given: they must not come out again in a message about the
 * flags themselves.
 */
function secretsOf(argv: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const given = (name: string): string[] => [
    ...argv.flatMap((word, index) => {
      if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)];
      return argv[index - 1] === `--${name}` ? [word] : [];
    }),
    env[variableOf(name)] ?? '',
  ];
  // Of the secret's variable both are masked: what it holds, and a "name" that is the secret by mistake.
  const variables = given('jwt-secret-env');
  const longNames = variables.filter((name) => name.length >= MIN_SECRET_CHARS);
  return [...given('stream-key'), ...longNames, ...variables.map((name) => env[name] ?? '')];
}

function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
