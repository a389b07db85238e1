import { readFileSync, readlinkSync } from 'node:fs';
import { statOf } from './processes.js';

/** Who made a change, and where it means something. */
export interface MachineState {
  /** Of this start of the machine. */
  readonly boot: string;
  /** The network namespace of this process, e.g. `net:[4026531833]`. */
  readonly netns: string;
}

/** Empty texts where this system does not say: then nothing is concluded from them. */
export function readMachineState(): MachineState {
  return {
    boot: tried(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    netns: ownNetns(),
  };
}

function ownNetns(): string {
  return tried(() => readlinkSync('/proc/self/ns/net'));
}

/** When this process was started, in ticks since the start of the machine; 0 where that cannot be read. */
export async function ownStartTicks(): Promise<number> {
  return (await statOf(process.pid))?.startTicks ?? 0;
}

function tried(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
