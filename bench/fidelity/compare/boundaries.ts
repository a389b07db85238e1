import type { Span } from '../story.js';

/** Beginning or end of one rebuffer on both sides. */
export interface Boundary {
  readonly edge: 'from' | 'to';
  /** Place of the rebuffer in its side's story, from 1. */
  readonly nth: number;
  /** Absent: this side had no such rebuffer, or it was still going on at the end of the run. */
  readonly browserMs?: number;
  readonly oursMs?: number;
  readonly ok: boolean;
}

/**
 * Every boundary of two lists of rebuffers: matched by order where there are as many on both sides, by overlap
 * in time where there are not. A rebuffer without a partner gives two misses; two that are both open at the end
 * agree about their ends.
 */
export function boundaries(
  browser: readonly Span[],
  ours: readonly Span[],
  boundMs: number,
): readonly Boundary[] {
  return pairs(browser, ours).flatMap(([theirs, own], i) => {
    const nth = i + 1;
    if (theirs === undefined || own === undefined)
      return (['from', 'to'] as const).map((edge) => lone(edge, nth, theirs, own));
    return [
      boundary('from', nth, theirs.fromMs, own.fromMs, boundMs),
      boundary('to', nth, theirs.toMs, own.toMs, boundMs),
    ];
  });
}

type Pair = readonly [Span | undefined, Span | undefined];

function pairs(browser: readonly Span[], ours: readonly Span[]): readonly Pair[] {
  if (browser.length === ours.length) return browser.map((span, i) => [span, ours[i]]);
  const left = [...ours];
  const matched: Pair[] = browser.map((span) => {
    const at = left.findIndex((own) => overlap(span, own));
    return [span, at < 0 ? undefined : left.splice(at, 1)[0]];
  });
  return [...matched, ...left.map((own): Pair => [undefined, own])].sort((a, b) => fromMs(a) - fromMs(b));
}

function overlap(a: Span, b: Span): boolean {
  return a.fromMs < (b.toMs ?? Number.POSITIVE_INFINITY) && b.fromMs < (a.toMs ?? Number.POSITIVE_INFINITY);
}

function fromMs([theirs, own]: Pair): number {
  return (theirs ?? (own as Span)).fromMs;
}

function boundary(
  edge: 'from' | 'to',
  nth: number,
  browserMs: number | undefined,
  oursMs: number | undefined,
  boundMs: number,
): Boundary {
  const ok =
    browserMs === undefined || oursMs === undefined
      ? browserMs === oursMs
      : Math.abs(browserMs - oursMs) <= boundMs;
  return {
    edge,
    nth,
    ok,
    ...(browserMs === undefined ? {} : { browserMs }),
    ...(oursMs === undefined ? {} : { oursMs }),
  };
}

function lone(edge: 'from' | 'to', nth: number, theirs: Span | undefined, own: Span | undefined): Boundary {
  const browserMs = edge === 'from' ? theirs?.fromMs : theirs?.toMs;
  const oursMs = edge === 'from' ? own?.fromMs : own?.toMs;
  return {
    edge,
    nth,
    ok: false,
    ...(browserMs === undefined ? {} : { browserMs }),
    ...(oursMs === undefined ? {} : { oursMs }),
  };
}
