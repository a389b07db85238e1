import type { Protocol } from '../events.js';

/** What the dealing must know of a load box. */
export interface BoxRoom {
  readonly id: string;
  /** Viewers in proportion to this, to a hundredth; above 0. */
  readonly weight: number;
  /** It takes no more than this; absent = it does not say. */
  readonly maxVus?: number | undefined;
}

/** Why the viewers cannot be dealt: together the boxes take fewer than there are. */
export interface NoRoom {
  readonly room: number;
  readonly wanted: number;
}

/** Weights are taken to a hundredth, so that all arithmetic is on whole numbers. */
const WEIGHT_PARTS = 100;

/**
 * Which viewers each box gets, ascending, by box in the order of `boxes`; or that there is no room for all. A box's
 * ideal share is by weight, or its `maxVus` where that is less; the others take what it leaves, by weight again.
 *
 * Over every prefix 0..n of the viewers each box has its ideal share of n within less than one viewer: in a ramp all
 * boxes grow together, and those with an account (the first ones) are spread like all others. The j-th viewer of a box
 * with share s comes no earlier than at place (j-1)/s and no later than at j/s; the earliest deadline goes first, which
 * keeps all of them (chairman assignment, Tijdeman 1980). A box that lacks more of the viewer's protocol goes first
 * where all the others can still keep theirs: no pattern of the mix falls on one box.
 */
export function dealToBoxes(
  vus: number,
  boxes: readonly BoxRoom[],
  protocolOf: (vu: number) => Protocol,
): readonly (readonly number[])[] | NoRoom {
  const room = boxes.reduce((sum, { maxVus = Number.POSITIVE_INFINITY }) => sum + maxVus, 0);
  if (boxes.length === 0 || room < vus) return { room, wanted: vus };
  const hands = idealShares(vus, boxes).map(({ num, den }) => new Hand(num, den));
  for (let vu = 0; vu < vus; vu++) {
    const protocol = protocolOf(vu);
    let first: Hand | undefined;
    for (const hand of hands) if (hand.mayTake(vu) && hand.goesBefore(first, protocol)) first = hand;
    const lacking = first && lackingMost(hands, first, vu, protocol);
    const taker = lacking && othersCanWait(hands, lacking, vu) ? lacking : first;
    for (const hand of hands) hand.saw(protocol);
    taker?.take(vu, protocol);
  }
  return hands.map(({ vus: dealt }) => dealt);
}

/** A share of the whole, between 0 and 1, as an exact fraction. */
interface Share {
  readonly num: bigint;
  readonly den: bigint;
}

/** Boxes whose share by weight is more than they take are full; what they leave goes to the others. */
export function idealShares(vus: number, boxes: readonly BoxRoom[]): readonly Share[] {
  const weights = boxes.map(({ weight }) => BigInt(Math.max(1, Math.round(weight * WEIGHT_PARTS))));
  const full = new Set<number>();
  for (;;) {
    const left = BigInt(vus) - sum([...full].map((i) => BigInt(boxes[i]?.maxVus ?? 0)));
    const open = sum(weights.filter((_, i) => !full.has(i)));
    const found = boxes.flatMap(({ maxVus }, i) => {
      if (full.has(i) || maxVus === undefined) return [];
      return left * (weights[i] ?? 0n) > BigInt(maxVus) * open ? [i] : [];
    });
    for (const i of found) full.add(i);
    if (found.length > 0) continue;
    const den = BigInt(vus) * (open === 0n ? 1n : open);
    return boxes.map(({ maxVus = 0 }, i) => {
      const num = full.has(i) ? BigInt(maxVus) * (open === 0n ? 1n : open) : left * (weights[i] ?? 0n);
      return { num, den };
    });
  }
}

/** Whose turn is further off than this does not come before its time. */
const LOOK_AHEAD = 32;
/** A box that lacks so much more of a viewer, of its protocol, goes before its time. */
const LACKS_MORE = 0.25;

function lackingMost(hands: readonly Hand[], first: Hand, vu: number, protocol: Protocol): Hand | undefined {
  let most: Hand | undefined;
  let lack = first.lack[protocol] + LACKS_MORE;
  for (const hand of hands) {
    if (hand.lack[protocol] <= lack || !hand.mayTake(vu) || hand.beforePlace > vu + LOOK_AHEAD) continue;
    most = hand;
    lack = hand.lack[protocol];
  }
  return most;
}

/** Whether all viewers that are due before `taker`'s next one find a place when it takes this one. */
function othersCanWait(hands: readonly Hand[], taker: Hand, vu: number): boolean {
  for (let before = vu + 1; before < taker.beforePlace; before++) {
    let due = 0;
    for (const hand of hands) due += hand.dueBefore(before);
    if (due > before - vu - 1) return false;
  }
  return true;
}

/** What one box has been dealt, and when its next viewer is due. */
class Hand {
  readonly vus: number[] = [];
  readonly #num: bigint;
  readonly #den: bigint;
  readonly #share: number;
  /** By how many it lags behind its ideal share of each protocol. */
  readonly lack = { hls: 0, flv: 0 };
  /** Its next viewer is one of those before this place. */
  beforePlace = 0;
  #fromPlace = 0;

  constructor(num: bigint, den: bigint) {
    this.#num = num;
    this.#den = den;
    this.#share = Number(num) / Number(den);
    this.#next();
  }

  mayTake(place: number): boolean {
    return this.#fromPlace <= place;
  }

  goesBefore(other: Hand | undefined, protocol: Protocol): boolean {
    if (other === undefined || this.beforePlace < other.beforePlace) return true;
    return this.beforePlace === other.beforePlace && this.lack[protocol] > other.lack[protocol] + 1e-9;
  }

  /** Viewers that it must have before a place and has not; rather one too many than one too few. */
  dueBefore(place: number): number {
    return Math.max(0, Math.floor(place * this.#share + 1e-9) - this.vus.length);
  }

  /** A viewer of this protocol was dealt, to whomever. */
  saw(protocol: Protocol): void {
    this.lack[protocol] += this.#share;
  }

  take(vu: number, protocol: Protocol): void {
    this.vus.push(vu);
    this.lack[protocol] -= 1;
    this.#next();
  }

  #next(): void {
    const had = BigInt(this.vus.length);
    if (this.#num === 0n) {
      this.#fromPlace = Number.POSITIVE_INFINITY;
      return;
    }
    this.#fromPlace = Number((had * this.#den) / this.#num);
    this.beforePlace = Number(((had + 1n) * this.#den + this.#num - 1n) / this.#num);
  }
}

/**
 * Whether each of `vus` viewers is on exactly one box and no two have one account: said before the start, as two boxes
 * with one user would each be counted once less by the platform. Undefined = all is well.
 */
export function dealtWrongly(
  vus: number,
  shares: readonly {
    readonly box: string;
    readonly viewers: readonly { vu: number; user?: string | undefined }[];
  }[],
): string | undefined {
  const boxOf = new Map<number, string>();
  const boxOfUser = new Map<string, string>();
  for (const { box, viewers } of shares) {
    for (const { vu, user } of viewers) {
      const other = boxOf.get(vu);
      if (other !== undefined) return `viewer ${vu} is on ${other} and on ${box}`;
      if (!Number.isInteger(vu) || vu < 0 || vu >= vus) return `viewer ${vu} on ${box} is none of this run`;
      boxOf.set(vu, box);
      if (user === undefined) continue;
      const same = boxOfUser.get(user);
      if (same !== undefined) return `two viewers have one account, on ${same} and on ${box}`;
      boxOfUser.set(user, box);
    }
  }
  return boxOf.size === vus ? undefined : `${vus - boxOf.size} of ${vus} viewers are on no box`;
}

function sum(numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => a + b, 0n);
}
