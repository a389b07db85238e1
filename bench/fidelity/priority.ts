import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const EVERY_MS = 1000;

/**
 * Keeps every thread of every process below this one at this one's niceness: a browser gives its renderers and
 * threads a niceness of its own, and what was asked of the bench (`nice -n -19`) would not reach the player.
 * Does nothing for a bench of ordinary priority. Linux only. Returns what ends it.
 */
export function sharePriority(): () => void {
  const niceness = getPriority();
  if (niceness === 0) return () => {};
  const share = (): void => {
    for (const pid of descendants(process.pid)) {
      for (const thread of entries(`/proc/${pid}/task`)) {
        try {
          if (getPriority(Number(thread)) !== niceness) setPriority(Number(thread), niceness);
        } catch {
          // It ended meanwhile.
        }
      }
    }
  };
  share();
  const timer = setInterval(share, EVERY_MS);
  return () => clearInterval(timer);
}

function descendants(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of entries('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (let next = children.get(root) ?? []; next.length > 0; ) {
    found.push(...next);
    next = next.flatMap((pid) => children.get(pid) ?? []);
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
