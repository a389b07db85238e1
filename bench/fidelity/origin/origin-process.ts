import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Condition } from '../script.js';
import type { Side } from '../story.js';
import type { SessionUrls } from './origin.js';
import type { SessionReport } from './session.js';

/** The origin seen from another process: the same calls over HTTP. */
export interface OriginClient {
  readonly url: string;
  readonly port: number;
  openSession(wanted: { condition: Condition; side: Side }): Promise<SessionUrls>;
  /** Throws when the session is unknown. */
  report(key: string): Promise<SessionReport>;
  closeSession(key: string): Promise<void>;
  /** Ends the process; resolves when it is gone. */
  close(): Promise<void>;
}

/** Starts the origin in a process of its own (compiled tree only). Rejects when it ends before it is ready. */
export async function startOriginProcess(): Promise<OriginClient> {
  const child = fork(fileURLToPath(new URL('./origin-main.js', import.meta.url)), ['0']);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', (code) => reject(new Error(`the origin ended with ${code} before it was ready`)));
  });
  return { ...originClient(port), close: () => gone(child) };
}

/** Talks to an origin that runs already; `close` leaves it alone. */
export function originClient(port: number): OriginClient {
  const url = `http://127.0.0.1:${port}`;
  const call = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, init);
    if (!response.ok) throw new Error(`the origin says ${response.status}: ${await response.text()}`);
    const type = response.headers.get('content-type') ?? '';
    return type.includes('json') ? response.json() : response.text();
  };
  return {
    url,
    port,
    openSession: async (wanted) =>
      (await call('/control/sessions', { method: 'POST', body: JSON.stringify(wanted) })) as SessionUrls,
    async report(key) {
      const raw = (await call(`/control/sessions/${key}`)) as Omit<SessionReport, 'captureMs'> & {
        captureMs: readonly (number | null)[];
      };
      return { ...raw, captureMs: (frame) => raw.captureMs[frame] ?? undefined };
    },
    closeSession: async (key) => void (await call(`/control/sessions/${key}`, { method: 'DELETE' })),
    close: async () => undefined,
  };
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.disconnect();
  const force = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exit;
  clearTimeout(force);
}
