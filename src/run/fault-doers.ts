import {
  type FaultAction,
  type FaultStep,
  realActionOf,
  type StageableAction,
} from '../scenarios/fault-step.js';
import { commandWords, runCommand } from './fault-command.js';
import type { ControlClient } from './fault-control.js';
import { NOT_ALLOWED, type RealMeans, realFaultDoer } from './fault-real.js';
import type { FaultDoer } from './fault-runner.js';
import type { Undo } from './fault-undo.js';

/** What a run has to make faults with; absent = it has not. */
export interface FaultMeans {
  readonly stage?: ControlClient;
  readonly publisher?: ControlClient;
  /** This machine itself; absent = it may not be changed. */
  readonly real?: RealMeans;
  /** Keeps what has to be done should this process die. */
  readonly supervisor: {
    arm(name: string, undo: Undo, withinMs?: number): Promise<void>;
    disarm(name: string): void;
  };
  sleep(ms: number): Promise<void>;
}

/** A stage and a publisher mend by themselves what nobody came to mend in time. */
const DEAD_MAN_S = 5;
/** A publisher that was told to come back is on air within this time. */
const ON_AIR_PATIENCE_MS = 10_000;
const ON_AIR_POLL_MS = 100;

/** How a fault is made with the means at hand; a doer that only says why not, where it cannot. */
export function faultDoer({ name, action, forMs }: FaultStep, means: FaultMeans): FaultDoer {
  if (action.on === 'run') return commandDoer(name, action, means);
  const { real: machine, supervisor } = means;
  const real = realActionOf(action);
  if (real !== undefined) {
    if (machine === undefined) return impossible(NOT_ALLOWED);
    return realFaultDoer({ name, forMs, action: real, supervisor, ...machine });
  }
  const staged = action as StageableAction;
  if (staged.on === 'publisher' && means.publisher) {
    return staged.do === 'stop'
      ? dropDoer(means.publisher, forMs, means)
      : pauseDoer(name, means.publisher, means);
  }
  const control = stageControl(staged);
  if (means.stage === undefined) return impossible(whyNot(staged));
  return stageDoer(means.stage, control.kind, control.parameters, forMs);
}

/** What of the stage's controls makes an action. */
export function stageControl(action: StageableAction): {
  readonly kind: string;
  readonly parameters: Readonly<Record<string, string | number>>;
} {
  switch (action.on) {
    case 'stage':
      return action;
    case 'network':
      return { kind: action.do === 'partition' ? 'blackhole' : 'reset-all', parameters: {} };
    case 'publisher':
      return { kind: action.do === 'stop' ? 'drop-publisher' : 'loss', parameters: {} };
    case 'media':
      return { kind: 'kill-media', parameters: {} };
  }
}

/** Why a fault cannot be made on a platform that is no stage. */
export function whyNot(action: StageableAction): string {
  switch (action.on) {
    case 'network':
      return action.do === 'partition'
        ? 'a partition of a real network needs --allow-network-faults, and root; that of a stage --stage-control'
        : 'connections of a platform that is no stage can only be reset by a command: write one (run:, undo:) into a profile file';
    case 'publisher':
      return 'the publisher cannot be reached: name its controls with --publisher-control (publish --control)';
    case 'media':
      return 'the media server of this platform can be stopped by a profile file alone: container: kill, process: kill, or a command (run:, undo:)';
    case 'stage':
      return 'this platform is no stage: name the controls of one with --stage-control';
  }
}

function impossible(reason: string): FaultDoer {
  return { begin: () => Promise.reject(new Error(reason)), end: async () => undefined };
}

function stageDoer(
  stage: ControlClient,
  kind: string,
  parameters: Readonly<Record<string, string | number>>,
  forMs: number,
): FaultDoer {
  let id: number | undefined;
  return {
    async begin() {
      const span = forMs > 0 ? { forSeconds: forMs / 1000 + DEAD_MAN_S } : {};
      const record = await stage.ask('POST', '/__stage/faults', { kind, ...parameters, ...span });
      id = (record as { id?: number } | undefined)?.id;
      if (typeof id !== 'number') throw new Error('the stage did not say which fault it planted');
      return undefined;
    },
    async end() {
      if (id !== undefined && forMs > 0) await stage.ask('DELETE', `/__stage/faults/${id}`);
      return undefined;
    },
  };
}

function dropDoer(publisher: ControlClient, forMs: number, means: FaultMeans): FaultDoer {
  let dropped = false;
  return {
    async begin() {
      await publisher.ask('POST', `/drop?s=${forMs / 1000 + DEAD_MAN_S}`);
      dropped = true;
      return undefined;
    },
    async end() {
      if (!dropped) return undefined;
      await publisher.ask('POST', '/resume');
      return untilOnAir(publisher, means);
    },
  };
}

function pauseDoer(name: string, publisher: ControlClient, means: FaultMeans): FaultDoer {
  return {
    async begin() {
      // A publisher that nobody resumes stays as it is.
      await means.supervisor.arm(name, { kind: 'post', url: publisher.urlOf('/resume') });
      await publisher.ask('POST', '/pause');
      return undefined;
    },
    async end() {
      await publisher.ask('POST', '/resume');
      means.supervisor.disarm(name);
      return untilOnAir(publisher, means);
    },
  };
}

async function untilOnAir(publisher: ControlClient, { sleep }: FaultMeans): Promise<undefined> {
  for (let waitedMs = 0; waitedMs <= ON_AIR_PATIENCE_MS; waitedMs += ON_AIR_POLL_MS) {
    const status = (await publisher.ask('GET', '/status')) as { state?: unknown } | undefined;
    if (status?.state === 'on_air') return undefined;
    await sleep(ON_AIR_POLL_MS);
  }
  throw new Error(`the publisher did not come on air again within ${ON_AIR_PATIENCE_MS / 1000} s`);
}

function commandDoer(
  name: string,
  { command, undo, timeLimitMs }: Extract<FaultAction, { on: 'run' }>,
  { supervisor }: FaultMeans,
): FaultDoer {
  return {
    async begin() {
      if (undo !== undefined) await supervisor.arm(name, { kind: 'command', command: undo, timeLimitMs });
      const end = await runCommand(command, timeLimitMs);
      if (!end.ok) throw new Error(commandWords(end));
      return commandWords(end);
    },
    async end() {
      if (undo === undefined) return undefined;
      const end = await runCommand(undo, timeLimitMs);
      if (!end.ok) throw new Error(`undo: ${commandWords(end)}`);
      supervisor.disarm(name);
      return commandWords(end);
    },
  };
}
