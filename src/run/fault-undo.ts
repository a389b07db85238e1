import { undoChange } from '../faults/carry-out.js';
import type { Change } from '../faults/change.js';
import { type JournalEntry, noteUndone } from '../faults/journal.js';
import { commandWords, runCommand } from './fault-command.js';

/** What mends a fault when the run that made it is gone. */
export type Undo =
  | { readonly kind: 'command'; readonly command: string; readonly timeLimitMs: number }
  /** Of a publisher's control API, which takes POST without a body. */
  | { readonly kind: 'post'; readonly url: string }
  /** Of this machine, as its journal has it. */
  | { readonly kind: 'change'; readonly change: Change; readonly entry: JournalEntry };

/** What a run tells its supervisor, a line each. */
export type SupervisorMessage =
  | {
      readonly what: 'arm';
      readonly name: string;
      readonly undo: Undo;
      /** Carried out after so long all the same: the run may hang. Absent = only when it is gone. */
      readonly withinMs?: number;
    }
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
  if (undo.kind === 'change') {
    const { state, detail } = await undoChange(undo.change);
    if (state !== 'failed') await noteUndone(undo.entry, 'supervisor');
    return { ok: state !== 'failed', detail };
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

  /** What the line orders, when it is an order. */
  take(line: string): SupervisorMessage | undefined {
    let message: SupervisorMessage;
    try {
      message = JSON.parse(line) as SupervisorMessage;
    } catch {
      return undefined;
    }
    if (message.what === 'arm') this.#armed.set(message.name, message.undo);
    else if (message.what === 'disarm') this.#armed.delete(message.name);
    return message;
  }

  /** Takes one out, to carry it out now; undefined = it was disarmed, or taken. */
  due(name: string): Undo | undefined {
    const undo = this.#armed.get(name);
    this.#armed.delete(name);
    return undo;
  }

  /** Last broken, first mended. */
  rest(): readonly (readonly [name: string, undo: Undo])[] {
    return [...this.#armed].reverse();
  }
}
