import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../errors.js';
import { EXIT } from '../report/exit-codes.js';
import { formatClock } from '../report/figures.js';
import type { CtlOrder, CtlStatus } from './ctl-orders.js';
import { CTL_FILE, type CtlAddress } from './ctl-server.js';
import type { Output } from './output.js';
import { RUN_FILES } from './run-folder.js';

const PATIENCE_MS = 5000;

/**
 * The command `ctl ORDER DIR`: hands an order to a running run and prints how it stands.
 * @throws {ConfigError} when the folder is not that of a run
 */
export async function ctlCommand(
  order: CtlOrder,
  folder: string,
  json: boolean,
  output: Output,
): Promise<{ exitCode: number; reason?: string }> {
  const refused = (reason: string): { exitCode: number; reason: string } => ({
    exitCode: EXIT.refused,
    reason,
  });
  const address = await readAddress(folder);
  if (typeof address === 'string') return refused(address);
  let answer: Response;
  try {
    const query = order.kind === 'scale' ? `?vus=${order.vus}` : '';
    answer = await fetch(`http://127.0.0.1:${address.port}/${order.kind}${query}`, {
      method: order.kind === 'status' ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${address.token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    return refused(`the run in ${folder} is over, or does not answer (its process was ${address.pid})`);
  }
  const body = (await answer.json().catch(() => ({}))) as Partial<CtlStatus> & { message?: unknown };
  if (answer.status === 401)
    return refused(`the run in ${folder} is over: something else listens on its port`);
  if (!answer.ok) return refused(typeof body.message === 'string' ? body.message : `HTTP ${answer.status}`);
  output.result(json ? JSON.stringify(body, null, 2) : statusText(body as CtlStatus));
  return { exitCode: EXIT.pass };
}

/** Where the run listens, or why it does not. */
async function readAddress(folder: string): Promise<CtlAddress | string> {
  if (!(await exists(join(folder, RUN_FILES.ticks)))) {
    throw new ConfigError([{ path: folder, problem: 'not the folder of a run' }]);
  }
  let text: string;
  try {
    text = await readFile(join(folder, CTL_FILE), 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT') return `cannot read ${join(folder, CTL_FILE)}: ${code}`;
    const isOver = await exists(join(folder, RUN_FILES.summary));
    return isOver
      ? `the run in ${folder} is over`
      : `the run in ${folder} takes no orders: it was started without --ctl`;
  }
  try {
    const { port, token, pid } = JSON.parse(text) as Partial<CtlAddress>;
    if (
      Number.isInteger(port) &&
      typeof token === 'string' &&
      /^[0-9a-f]+$/.test(token) &&
      Number.isInteger(pid)
    )
      return { v: 1, port: port as number, token, pid: pid as number };
  } catch {
    // Falls through to the same answer as for anything else that is no address.
  }
  return `${join(folder, CTL_FILE)} does not say where the run listens`;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** `smoke hold 0:25/1:00, 50/50 watching, 50 joined`, after what was done. */
export function statusText({
  done,
  profile,
  state,
  phase,
  atMs,
  totalMs,
  wanted,
  joined,
  watching,
  maxVus,
}: CtlStatus): string {
  const where = state === 'running' ? phase : `${phase} ${state}`.trim();
  const now = `${profile} ${where} ${formatClock(atMs)}/${formatClock(totalMs)}, ${watching}/${wanted} watching, ${joined} joined, at most ${maxVus}`;
  return done === undefined ? now : `${done}\n${now}`;
}
