import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Target } from '../../src/target.js';

export interface StageProcess {
  readonly target: Target;
  readonly flvUrl: string;
  readonly hlsUrl: string;
  /** CPU of the process so far, user and system, ms; a step is 10 ms. */
  cpuMs(): number;
  rssBytes(): number;
  /** Descriptors that are open now. */
  openFiles(): number;
  /** Gives accounts with valid tokens as JSON, `?count=N` of them. */
  readonly usersUrl: string;
  /** Where it takes orders, for `--stage-control`. */
  readonly controlUrl: string;
  stop(): void;
}

const CLOCK_TICK_MS = 10;
const PAGE_BYTES = 4096;
/** Of /proc/PID/stat, counted behind the command's closing bracket. */
const STAT = { utime: 11, stime: 12, rssPages: 21 };

/** The stage as a newcomer starts it, with `more` flags: the built command in a process of its own. Linux only (/proc). */
export async function startStageProcess(more: readonly string[] = []): Promise<StageProcess> {
  const bin = fileURLToPath(new URL('../../../bin/dorami-load.js', import.meta.url));
  const flags = ['stage', '--port', '0', '--ready', 'json', '--exit-with-parent', ...more];
  const child = spawn(process.execPath, [bin, ...flags], { stdio: ['pipe', 'pipe', 'ignore'] });
  const { urls, streamKey, controlUrl } = await readyOf(child);
  const stat = (field: number): number => {
    const text = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[field]);
  };
  return {
    target: { ...urls, streamKey },
    flvUrl: `${urls.flvUrl}/live/live/${streamKey}.flv`,
    hlsUrl: `${urls.hlsUrl}/hls/${streamKey}.m3u8`,
    cpuMs: () => (stat(STAT.utime) + stat(STAT.stime)) * CLOCK_TICK_MS,
    openFiles: () => readdirSync(`/proc/${child.pid}/fd`).length,
    rssBytes: () => stat(STAT.rssPages) * PAGE_BYTES,
    usersUrl: `${controlUrl}/__stage/users`,
    controlUrl,
    stop() {
      child.stdin?.end();
      child.kill();
    },
  };
}

interface Ready {
  readonly urls: Omit<Target, 'streamKey'>;
  readonly streamKey: string;
  readonly controlUrl: string;
}

async function readyOf(child: ChildProcess): Promise<Ready> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    return JSON.parse(line) as Ready;
  }
  throw new Error('the stage ended before it was ready');
}
