import type { Broadcast } from './broadcast.js';

/** What can be asked of a broadcast while it runs. */
export type ControlCommand =
  | { readonly kind: 'pause' | 'resume' | 'status' }
  | { readonly kind: 'drop'; readonly forS: number }
  | { readonly kind: 'new-timestamps'; readonly atS: number };

/** How it is asked for, on a line. */
export const CONTROL_WORDS = 'pause, resume, drop [SECONDS], new-timestamps [SECONDS], status';

const DEFAULT_DROP_S = 5;
const MAX_DROP_S = 3600;
/** FLV and RTMP times have 31 bits of milliseconds in most servers. */
const MAX_AT_S = 2_147_483;

/** Reads a command and its one number; undefined when it is none, or the number is out of bounds. */
export function controlCommand(name: string, value: string | undefined): ControlCommand | undefined {
  switch (name) {
    case 'pause':
    case 'resume':
    case 'status':
      return value === undefined ? { kind: name } : undefined;
    case 'drop': {
      const forS = secondsOf(value, DEFAULT_DROP_S, MAX_DROP_S);
      return forS === undefined ? undefined : { kind: name, forS };
    }
    case 'new-timestamps': {
      const atS = secondsOf(value, 0, MAX_AT_S);
      return atS === undefined ? undefined : { kind: name, atS };
    }
    default:
      return undefined;
  }
}

/** Does it. Resolves with why not, when it cannot be done now. */
export async function carryOut(
  command: Exclude<ControlCommand, { kind: 'status' }>,
  broadcast: Broadcast,
): Promise<string | undefined> {
  switch (command.kind) {
    case 'pause':
      return broadcast.pause();
    case 'resume':
      return broadcast.resume();
    case 'drop':
      return broadcast.drop(command.forS * 1000);
    case 'new-timestamps':
      return broadcast.newTimestamps(Math.round(command.atS * 1000));
  }
}

function secondsOf(text: string | undefined, usual: number, most: number): number | undefined {
  if (text === undefined) return usual;
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  const seconds = Number(text);
  return seconds <= most ? seconds : undefined;
}
