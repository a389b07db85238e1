import { commandWords, runCommand } from './fault-command.js';

/** What mends a fault when the run that made it is gone. */
export type Undo =
  | { readonly kind: 'command'; readonly command: string; readonly timeLimitMs: number }
  /** Of a publisher's control API, which takes POST without a body. */
  | { readonly kind: 'post'; readonly url: string };

/** What a run tells its supervisor, a line each. */
export type SupervisorMessage =
  | { readonly what: 'arm'; readonly name: string; readonly undo: Undo }
  | { readonly what: 'disarm'; readonly name: string };

export interface Undone {
  readonly ok: boolean;
  readonly detail: string;
}

const POST_PATIENCE_MS = 5000;

/** Never rejects. */
export async function carryOutUndo(undo: Undo): Promise<Undone> {
  if (undo.kind === 'command') {
    const end = await runCommand(undo.command, undo.timeLimitMs);
    return { ok: end.ok, detail: commandWords(end) };
  }
  try {
    const signal = AbortSignal.timeout(POST_PATIENCE_MS);
    const { ok, status } = await fetch(undo.url, { method: 'POST', redirect: 'error', signal });
    return { ok, detail: `HTTP ${status}` };
  } catch {
    return { ok: false, detail: 'cannot be reached' };
  }
}

/** What has been armed and not disarmed, in order. A line that is no message is no order of the run. */
export class ArmedUndos {
  readonly #armed = new Map<string, Undo>();

  take(line: string): void {
    let message: SupervisorMessage;
    try {
      message = JSON.parse(line) as SupervisorMessage;
    } catch {
      return;
    }
    if (message.what === 'arm') this.#armed.set(message.name, message.undo);
    else if (message.what === 'disarm') this.#armed.delete(message.name);
  }

  /** Last broken, first mended. */
  rest(): readonly (readonly [name: string, undo: Undo])[] {
    return [...this.#armed].reverse();
  }
}
