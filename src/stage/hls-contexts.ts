/**
 * The sessions of HLS viewers, as SRS keeps them: a context per entry request, idle-expired, one eviction per
 * check, so that a crowd that left lingers (contract 4.1).
 */
import { randomInt } from 'node:crypto';
import type { StageClock } from './stage-clock.js';

export interface HlsSession {
  readonly context: string;
  readonly startedEpochMs: number;
  lastEpochMs: number;
  sentBytes: number;
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const CONTEXT_LENGTH = 8;
const CHECK_EVERY_MS = 5000;
const LONGEST_CONTEXT = 64;
/** SRS has no limit; a stage that is hammered must not grow for ever. */
const MAX_SESSIONS = 100_000;

export class HlsContexts {
  readonly #clock: StageClock;
  readonly #idleMs: number;
  readonly #sessions = new Map<string, HlsSession>();
  #cancel: () => void;

  constructor(clock: StageClock, idleMs: number) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#cancel = clock.after(CHECK_EVERY_MS, () => this.#check());
  }

  get sessions(): Iterable<HlsSession> {
    return this.#sessions.values();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Sessions that asked for something in the last `withinMs`: who has left is still in the list for a while. */
  activeWithin(withinMs: number): number {
    const sinceEpochMs = this.#clock.epochMs() - withinMs;
    let active = 0;
    for (const session of this.#sessions.values()) if (session.lastEpochMs >= sinceEpochMs) active++;
    return active;
  }

  /** The living session of a context; being asked for keeps it alive. */
  touch(context: string): HlsSession | undefined {
    const session = this.#sessions.get(context);
    if (session) session.lastEpochMs = this.#clock.epochMs();
    return session;
  }

  /** A new session; an unknown context that the client brought is used again. */
  open(wanted: string | undefined): HlsSession {
    const usable = wanted !== undefined && wanted !== '' && wanted.length <= LONGEST_CONTEXT;
    const context = usable ? wanted : randomContext();
    const now = this.#clock.epochMs();
    const session = { context, startedEpochMs: now, lastEpochMs: now, sentBytes: 0 };
    if (this.#sessions.size >= MAX_SESSIONS) this.clear();
    this.#sessions.set(context, session);
    return session;
  }

  clear(): void {
    this.#sessions.clear();
  }

  close(): void {
    this.#cancel();
  }

  #check(): void {
    const now = this.#clock.epochMs();
    for (const session of this.#sessions.values()) {
      if (now - session.lastEpochMs < this.#idleMs) continue;
      this.#sessions.delete(session.context);
      break;
    }
    this.#cancel = this.#clock.after(CHECK_EVERY_MS, () => this.#check());
  }
}

function randomContext(): string {
  let context = '';
  for (let i = 0; i < CONTEXT_LENGTH; i++) context += ALPHABET[randomInt(ALPHABET.length)];
  return context;
}
