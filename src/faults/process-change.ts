import { spawn } from 'node:child_process';
import type { ChangeOf } from './change.js';
import { findProcesses, sameProcess } from './processes.js';
import type { Sight } from './steps.js';

type ProcessChange = ChangeOf<'process-paused' | 'process-killed'>;

/** A program that starts something ends within this time, or is what was started. */
const START_PATIENCE_MS = 3000;
const BACK_POLL_MS = 50;

/**
 * Sends the signal to every process that is still the one that was chosen.
 * @throws Error when one may not be signalled, or none is left
 */
export async function signalProcesses({ kind, processes }: ProcessChange): Promise<void> {
  const signal = kind === 'process-paused' ? 'SIGSTOP' : 'SIGKILL';
  let sent = 0;
  for (const one of processes) {
    if ((await sameProcess(one)) === undefined) continue;
    process.kill(one.pid, signal);
    sent++;
  }
  if (sent === 0) throw new Error('none of the processes runs any more');
}

/** A pause is there while one of the processes stands still; a kill until something of the choice runs again. */
export async function seeProcesses(change: ProcessChange): Promise<Sight> {
  if (change.kind === 'process-killed') return (await runsAgain(change)).length > 0 ? 'gone' : 'there';
  for (const one of change.processes) if ((await sameProcess(one))?.state === 'T') return 'there';
  return 'gone';
}

/** Of a killed process: who runs in its place, by number. */
async function runsAgain(change: ChangeOf<'process-killed'>): Promise<readonly number[]> {
  const now = await findProcesses(change);
  const isOld = ({ pid, startTicks }: { pid: number; startTicks: number }): boolean =>
    change.processes.some((old) => old.pid === pid && old.startTicks === startTicks);
  return now.filter((one) => !isOld(one)).map(({ pid }) => pid);
}

/**
 * Lets the processes go on, or starts what was killed where it was said how.
 * @returns what was done
 * @throws Error when it could not be
 */
export async function undoProcesses(change: ProcessChange): Promise<string> {
  if (change.kind === 'process-paused') {
    for (const one of change.processes) {
      if ((await sameProcess(one))?.state === 'T') process.kill(one.pid, 'SIGCONT');
    }
    return 'they go on';
  }
  if (change.start === undefined) return 'nothing was said that starts it: nobody did';
  await start(change.start);
  for (let waitedMs = 0; waitedMs <= START_PATIENCE_MS; waitedMs += BACK_POLL_MS) {
    const pids = await runsAgain(change);
    if (pids.length > 0) return `started, it is ${pids.join(', ')} now`;
    await new Promise((resolve) => setTimeout(resolve, BACK_POLL_MS));
  }
  throw new Error(`${change.start[0]} was called, and nothing of that name runs`);
}

/** Whether it came up is seen by who runs afterwards: some programs end when they have started another. */
function start([program = '', ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.unref();
    child.once('spawn', () => resolve());
    child.once('error', ({ message }) => reject(new Error(`could not be started: ${message}`)));
  });
}
