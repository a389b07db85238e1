import { ConfigError, type ConfigIssue } from '../errors.js';
import { createRng, type Rng } from '../rng.js';

/** How often one viewer acts; what is absent is never done. Strategy 3, scenarios 1 and 3. */
export interface Rates {
  /** Mean span between two chat messages of one viewer. */
  readonly chatEveryMs?: number;
  /** Mean span between two looks at the product list. */
  readonly productsEveryMs?: number;
  /** Span between two looks at the stream's status, at the notice and at the own cart. */
  readonly statusEveryMs?: number;
  readonly noticesEveryMs?: number;
  readonly cartEveryMs?: number;
  /** Share of viewers, 0 to 1, that put something into the cart once, within `AgendaOptions.cartWindow`. */
  readonly cartAddShare?: number;
  /** Chance, 0 to 1, that a viewer buys something (cart and order) within one hour. */
  readonly ordersPerHourShare?: number;
}

/** Rates that may differ from stage to stage: those that are a span. `off` = not done in this stage. */
export type StageRates = Readonly<
  Partial<
    Record<
      'chatEveryMs' | 'productsEveryMs' | 'statusEveryMs' | 'noticesEveryMs' | 'cartEveryMs',
      number | 'off'
    >
  >
>;

/** Rates that hold in place of the profile's own in `[fromMs, toMs)`, run ms. */
export interface RateSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rates: StageRates;
}

export type AgendaAction = 'chat' | 'products' | 'status' | 'notices' | 'cart_get' | 'cart_add' | 'order';

/** One planned action; `dueMs` is the instant in run milliseconds at which it should begin. */
export interface AgendaEntry {
  readonly action: AgendaAction;
  readonly dueMs: number;
}

/** One viewer's actions in the order of time. Lazy: nothing is kept but the next entry of each kind. */
export interface Agenda {
  /** The next action, or undefined when nothing is left to do. */
  next(): AgendaEntry | undefined;
}

export interface AgendaOptions {
  /** One number is drawn from it; the agenda does not depend on what else is drawn later. */
  readonly rng: Rng;
  /** When the viewer opens the page, run ms. */
  readonly joinAtMs: number;
  /** When it will leave, run ms; absent = it is not known. */
  readonly leaveAtMs?: number;
  /** The same where it may change while the viewer is there: asked anew for each action. In place of `leaveAtMs`. */
  readonly leavesAtMs?: () => number;
  readonly rates: Rates;
  /** Where viewers act at other rates, ascending and apart. What a page does by timers (`timersFromMs`) stays as it is. */
  readonly spans?: readonly RateSpan[];
  /** Where in the run the cart is used (the hold), as far as the viewer is there then, run ms; absent = the whole stay. */
  readonly cartWindow?: { readonly fromMs: number; readonly toMs: number };
  /** Whether this viewer is one of `cartAddShare` (see `addsToCart`); absent = drawn from `rng`. */
  readonly addsToCart?: boolean;
  /**
   * When the page was opened, run ms: reads come as its timers fire, at that instant and then exactly every so often.
   * Absent = spread by chance.
   */
  readonly timersFromMs?: number;
}

/**
 * Nobody writes in the first seconds of a page (it is still joining), nor in the last ones: a message must have
 * time to arrive before its sender and its readers go.
 */
export const CHAT_SETTLE_MS = 3000;

/** The ramp's rates: strategy 3, scenario 1, steps 5 to 7. */
export const RAMP_RATES: Rates = { chatEveryMs: 30_000, productsEveryMs: 60_000, cartAddShare: 0.05 };

const HOUR_MS = 3_600_000;

const READS = [
  ['productsEveryMs', 'products'],
  ['statusEveryMs', 'status'],
  ['noticesEveryMs', 'notices'],
  ['cartEveryMs', 'cart_get'],
] as const;

/** Due times of one kind of action, ascending; undefined = no more. */
type DueTimes = () => number | undefined;

/**
 * Plans one viewer's actions. The same options and the same generator state give the same agenda.
 * @throws {ConfigError} for a rate that is not a usable number
 */
export function createAgenda(options: AgendaOptions): Agenda {
  checkRates(options.rates);
  const { leaveAtMs = Number.POSITIVE_INFINITY, leavesAtMs } = options;
  const own = createRng(Math.floor(options.rng.next() * 2 ** 32), 'agenda');
  const kinds = dueTimesOf({ ...options, rng: own }).map(({ action, times }) => ({
    action,
    times,
    dueMs: times(),
  }));
  const take = (): AgendaEntry | undefined => {
    let first: (typeof kinds)[number] | undefined;
    for (const kind of kinds) {
      if (kind.dueMs !== undefined && kind.dueMs < (first?.dueMs ?? Number.POSITIVE_INFINITY)) first = kind;
    }
    if (first?.dueMs === undefined) return undefined;
    const entry = { action: first.action, dueMs: first.dueMs };
    if (leavesAtMs) {
      // What lies beyond the end is kept: the viewer may be asked to stay, and if not, it is not there to do it.
      first.dueMs = first.times();
      return entry.action === 'chat' && isUnsettled(entry.dueMs, leavesAtMs()) ? take() : entry;
    }
    const untilMs = first.action === 'chat' ? leaveAtMs - CHAT_SETTLE_MS : leaveAtMs;
    if (entry.dueMs >= untilMs) {
      first.dueMs = undefined;
      return take();
    }
    first.dueMs = first.times();
    return entry;
  };
  return { next: take };
}

/** Too late to be written before its sender goes, yet before that. */
function isUnsettled(dueMs: number, leaveAtMs: number): boolean {
  return dueMs >= leaveAtMs - CHAT_SETTLE_MS && dueMs < leaveAtMs;
}

/**
 * Whether VU `vu` is one of the `cartShare` that use the cart: over every prefix of VUs the share is exact within
 * one viewer. `offset`, 0 to 1, shifts who they are; one number per run.
 */
export function addsToCart(cartShare: number, vu: number, offset: number): boolean {
  return Math.floor((vu + 1) * cartShare + offset) > Math.floor(vu * cartShare + offset);
}

function dueTimesOf(options: AgendaOptions): { action: AgendaAction; times: DueTimes }[] {
  const { rng, joinAtMs, rates } = options;
  const list: { action: AgendaAction; times: DueTimes }[] = [];
  const chat = piecesOf('chatEveryMs', options);
  if (chat !== undefined) list.push({ action: 'chat', times: spaced(rng, joinAtMs + CHAT_SETTLE_MS, chat) });
  for (const [rate, action] of READS) {
    const { timersFromMs } = options;
    const everyMs = rates[rate];
    const pieces = piecesOf(rate, options);
    if (timersFromMs !== undefined && everyMs !== undefined)
      list.push({ action, times: timer(timersFromMs, everyMs) });
    else if (pieces !== undefined) list.push({ action, times: spaced(rng, joinAtMs, pieces) });
  }
  const drawn = rng.next() < (rates.cartAddShare ?? 0);
  if (options.addsToCart ?? drawn) list.push({ action: 'cart_add', times: once(options) });
  const perHour = rates.ordersPerHourShare ?? 0;
  if (perHour > 0) list.push({ action: 'order', times: hourly(rng, joinAtMs, perHour) });
  return list;
}

/**
 * Spans uniform in 0.5 to 1.5 of the mean. The first wait has the distribution that such a sequence shows to an
 * observer who comes at any time (density (1 - F) / mean):
 * ```
 * density  1/m |------.
 *              |       `.
 *            0 +---------`--
 *              0   m/2   3m/2
 * ```
 * so many viewers together act at exactly 1/mean each, from the first moment on. Where the mean changes, what is left
 * of a wait goes on at the new pace, so that they act at the new mean from that moment on, all of them together.
 */
function spaced(rng: Rng, fromMs: number, pieces: readonly Piece[]): DueTimes {
  let dueMs: number | undefined;
  let isFirst = true;
  return () => {
    if (isFirst) {
      const u = rng.next();
      dueMs = later(pieces, fromMs, u < 0.5 ? u : 1.5 - Math.sqrt(2 - 2 * u));
      isFirst = false;
    } else if (dueMs !== undefined) dueMs = later(pieces, dueMs, 0.5 + rng.next());
    return dueMs;
  };
}

/** One pace, up to `toMs` (run ms). */
interface Piece {
  readonly toMs: number;
  /** Absent = nothing is done. */
  readonly everyMs?: number;
}

/** The instant that lies `waits` mean waits behind `fromMs`; undefined when there is none. */
function later(pieces: readonly Piece[], fromMs: number, waits: number): number | undefined {
  let [atMs, left] = [fromMs, waits];
  for (const { toMs, everyMs } of pieces) {
    if (toMs <= atMs) continue;
    if (everyMs !== undefined) {
      const room = (toMs - atMs) / everyMs;
      if (left < room) return atMs + left * everyMs;
      left -= room;
    }
    atMs = toMs;
  }
  return undefined;
}

/** The paces of one kind of action over the run; undefined when it is never done. */
function piecesOf(rate: keyof StageRates, { rates, spans = [] }: AgendaOptions): Piece[] | undefined {
  const pieces: Piece[] = [];
  const add = (toMs: number, everyMs: number | undefined): void => {
    pieces.push(everyMs === undefined ? { toMs } : { toMs, everyMs });
  };
  const usual = rates[rate];
  for (const { fromMs, toMs, rates: other } of spans) {
    const own = other[rate];
    if (own === undefined) continue;
    add(fromMs, usual);
    add(toMs, own === 'off' ? undefined : own);
  }
  add(Number.POSITIVE_INFINITY, usual);
  return pieces.some(({ everyMs }) => everyMs !== undefined) ? pieces : undefined;
}

/** At once, then every `everyMs`: what a page's interval does. */
function timer(fromMs: number, everyMs: number): DueTimes {
  let beats = 0;
  return () => fromMs + everyMs * beats++;
}

/** One instant anywhere in the window; if the viewer is not there then, it does not happen. */
function once({ rng, joinAtMs, leaveAtMs, cartWindow }: AgendaOptions): DueTimes {
  const fromMs = Math.max(joinAtMs, cartWindow?.fromMs ?? joinAtMs);
  const endMs = leaveAtMs ?? (cartWindow ? Number.POSITIVE_INFINITY : joinAtMs + HOUR_MS);
  const toMs = Math.min(endMs, cartWindow?.toMs ?? endMs);
  let dueMs: number | undefined = fromMs + rng.next() * Math.max(0, toMs - fromMs);
  if (toMs <= fromMs) dueMs = undefined;
  return () => {
    const due = dueMs;
    dueMs = undefined;
    return due;
  };
}

/** In each hour of the stay, with chance `share`, one instant. The number of empty hours skipped is drawn at once. */
function hourly(rng: Rng, fromMs: number, share: number): DueTimes {
  let hour = 0;
  return () => {
    const skipped = share >= 1 ? 0 : Math.floor(Math.log1p(-rng.next()) / Math.log1p(-share));
    hour += skipped + 1;
    return fromMs + (hour - 1 + rng.next()) * HOUR_MS;
  };
}

function checkRates(rates: Rates): void {
  const issues: ConfigIssue[] = [];
  for (const key of ['chatEveryMs', ...READS.map(([rate]) => rate)] as const) {
    const value = rates[key];
    if (value !== undefined && !(value >= 1)) {
      issues.push({
        path: `rates.${key}`,
        problem: 'not a span',
        seen: String(value),
        wanted: '1 ms or more',
      });
    }
  }
  for (const key of ['cartAddShare', 'ordersPerHourShare'] as const) {
    const value = rates[key];
    if (value !== undefined && !(value >= 0 && value <= 1)) {
      issues.push({ path: `rates.${key}`, problem: 'not a share', seen: String(value), wanted: '0 to 1' });
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
}
