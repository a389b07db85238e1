import { uncertaintyWords } from '../clock/clock-words.js';
import type { LineOf, TraceLine } from './line.js';

/** How many seconds of quiet flow are summed up in one sentence. */
const SUM_EVERY = 5;

/** Told by a line of its own, in better words. */
const SAID_BY_OTHERS: ReadonlySet<string> = new Set([
  'chat_sent',
  'join_attempt',
  'socket_ready',
  'product_event',
]);

const STATE_WORDS: Readonly<Record<LineOf<'state'>['state'], string>> = {
  idle: 'idle',
  starting: 'loads',
  running: 'plays',
  stalled: 'waits for media',
  seeking: 'seeks',
  ended: 'has played all there is',
  stopped: 'is gone',
};

/**
 * The lines of one viewer as sentences for a person who looks on, one per line of text; what comes many times a
 * second is summed up every few seconds.
 */
export class Story {
  #quiet: LineOf<'second'>[] = [];
  #bufferedMs: number | undefined;
  #latency: LineOf<'latency'> | undefined;

  /** The sentence that this line calls for; undefined = none. */
  tell(line: TraceLine): string | undefined {
    const words = this.#wordsOf(line);
    if (words === undefined) return undefined;
    const [lane, text] = words;
    return `${(line.atMs / 1000).toFixed(2).padStart(8)} s  ${lane.padEnd(7)}  ${text}`;
  }

  #wordsOf(line: TraceLine): readonly [string, string] | undefined {
    switch (line.kind) {
      case 'level':
        this.#bufferedMs = line.bufferedMs;
        return undefined;
      case 'latency':
        this.#latency = line;
        return undefined;
      case 'second':
        return this.#sum(line);
      case 'state':
        return ['player', STATE_WORDS[line.state]];
      case 'request':
        return isWorthTelling(line) ? ['request', requestWords(line)] : undefined;
      case 'response':
        return [
          'request',
          `${line.what} ${line.url}: ${line.status} after ${ms(line.atMs - line.startedAtMs)}`,
        ];
      case 'socket':
        return ['socket', `${line.namespace ?? 'connection'} ${line.what}${inBrackets(line.detail)}`];
      case 'packet':
        return ['socket', packetWords(line)];
      case 'action':
        return ['action', actionWords(line)];
      case 'event':
        return SAID_BY_OTHERS.has(line.name) ? undefined : ['event', eventWords(line)];
      case 'lag':
        return ['trace', `this machine held us up for ${ms(line.lateMs)}: not the platform's doing`];
      case 'lost':
        return ['trace', `${line.lines} lines lost: ${line.why}`];
      default:
        return undefined;
    }
  }

  #sum(line: LineOf<'second'>): readonly [string, string] | undefined {
    this.#quiet.push(line);
    if (this.#quiet.length < SUM_EVERY) return undefined;
    const quiet = this.#quiet;
    this.#quiet = [];
    const sum = (pick: (second: LineOf<'second'>) => number): number =>
      quiet.reduce((total, second) => total + pick(second), 0);
    const [stalledMs, frozenMs] = [sum((each) => each.stalledMs), sum((each) => each.frozenMs)];
    const [shortMs, endedMs] = [
      sum((each) => each.microWaitMs + each.seekingMs),
      sum((each) => each.endedMs),
    ];
    const bitsPerS = (sum((each) => each.bytes) * 8) / SUM_EVERY;
    // What is not known anew is not told again.
    const latency = this.#latency;
    this.#latency = undefined;
    const parts = [
      `${line.protocol} ${ms(sum((each) => each.playedMs))} played`,
      ...(stalledMs > 0 ? [`${ms(stalledMs)} waited`] : []),
      ...(shortMs >= 1 ? [`${ms(shortMs)} in waits too short to see`] : []),
      ...(endedMs > 0 ? [`${ms(endedMs)} after the end`] : []),
      ...(frozenMs > 0 ? [`${ms(frozenMs)} frozen`] : []),
      `${(bitsPerS / 1e6).toFixed(2)} Mbit/s`,
      ...(this.#bufferedMs === undefined ? [] : [`${ms(this.#bufferedMs)} buffered`]),
      ...(latency === undefined ? [] : [latencyWords(latency)]),
    ];
    return ['media', parts.join(', ')];
  }
}

function latencyWords({ latencyMs, clockUncertaintyMs }: LineOf<'latency'>): string {
  return `latency ${ms(latencyMs)} (${uncertaintyWords(clockUncertaintyMs)})`;
}

function isWorthTelling({ what, end, status }: LineOf<'request'>): boolean {
  // Of media that comes as it should the sums tell; calls of the shop are told as actions.
  return (what !== 'api' && end !== 'complete' && end !== 'aborted') || (status ?? 200) >= 300;
}

function requestWords(line: LineOf<'request'>): string {
  const { method, url, end, status, startedAtMs, atMs, detail } = line;
  const how = end === 'complete' ? `${status ?? ''}` : `${end}${inBrackets(detail)}`;
  return `${method} ${url}: ${how} after ${ms(atMs - startedAtMs)}`;
}

function packetWords({ direction, namespace, name, payload, dropped }: LineOf<'packet'>): string {
  const arrow = direction === 'in' ? '<-' : '->';
  return `${namespace} ${arrow} ${name}${dropped ? ' (not connected, dropped)' : ''} ${payload ?? ''}`.trimEnd();
}

function actionWords({ action, outcome, status, dueAtMs, sentAtMs, atMs }: LineOf<'action'>): string {
  const lateMs = sentAtMs - dueAtMs;
  const late = lateMs >= 1 ? `, begun ${ms(lateMs)} late` : '';
  return `${action} ${outcome}${status === undefined ? '' : ` ${status}`} in ${ms(atMs - sentAtMs)}${late}`;
}

function eventWords({ name, facts }: LineOf<'event'>): string {
  const told = Object.entries(facts).map(([fact, value]) => {
    if (typeof value === 'number' && fact.endsWith('Ms')) {
      const isInstant = fact.endsWith('AtMs');
      return `${fact.slice(0, isInstant ? -4 : -2)} ${isInstant ? `at ${(value / 1000).toFixed(2)} s` : ms(value)}`;
    }
    return fact === 'protocol' ? `${value}` : `${fact} ${value}`;
  });
  return [name.replaceAll('_', ' '), ...(told.length > 0 ? [`(${told.join(', ')})`] : [])].join(' ');
}

function inBrackets(words: string | undefined): string {
  return words === undefined || words === '' ? '' : ` (${words})`;
}

function ms(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}
