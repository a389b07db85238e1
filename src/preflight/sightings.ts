import type { CaptureSource, Protocol, StartFailure, ViewerEvent } from '../events.js';
import type { Namespace } from '../seams.js';

/** What was seen of one protocol; all times in ms since its start. */
export interface MediaSighting {
  firstByteMs?: number;
  keyframeMs?: number;
  firstFrameMs?: number;
  /** Instant of the first picture, run ms. */
  pictureAtMs?: number;
  failure?: { readonly reason: StartFailure; readonly status?: number };
  latency?: {
    readonly latencyMs: number;
    readonly source: CaptureSource;
    /** Absent = the capture's clock is unknown. */
    readonly clockUncertaintyMs?: number;
  };
  /** The picture was captured this far in the future of this machine, ms. */
  aheadMs?: number;
  /** The page gave this protocol up. */
  left?: boolean;
  /** The last status that was no success. */
  badStatus?: number;
  /** HTTP answered, whatever it said. */
  answered?: boolean;
}

/** What was seen of one namespace. */
export interface NamespaceSighting {
  readyMs?: number;
  joined?: boolean;
  /** Bounded reason of the last failure. */
  failure?: string;
  /** Something of Socket.IO or HTTP came back. */
  answered?: boolean;
}

/** Gathers what a probe viewer reports. */
export class Sightings {
  readonly media = new Map<Protocol, MediaSighting>();
  readonly namespaces = new Map<Namespace, NamespaceSighting>();
  /** A fault of our own in the probe, in words. */
  ownFault: string | undefined;

  constructor(protocols: readonly Protocol[], namespaces: readonly Namespace[]) {
    for (const protocol of protocols) this.media.set(protocol, {});
    for (const namespace of namespaces) this.namespaces.set(namespace, {});
  }

  /** Takes one report. A protocol that nobody asked for (a fall-back) is passed over. */
  on(event: ViewerEvent): void {
    if ('protocol' in event) this.#media(event);
    else this.#session(event);
  }

  /** What the transport said of a namespace, beyond what the viewer reports. */
  transport(namespace: Namespace, failure: string | undefined): void {
    const seen = this.namespaces.get(namespace);
    if (seen === undefined) return;
    if (failure === undefined) seen.answered = true;
    else {
      seen.failure ??= failure;
      if (/server response|parse error/i.test(failure)) seen.answered = true;
    }
  }

  #media(event: Extract<ViewerEvent, { protocol: Protocol }>): void {
    if (event.kind === 'protocol_switched') {
      const from = this.media.get(event.from);
      if (from) from.left = true;
      return;
    }
    const seen = this.media.get(event.protocol);
    if (seen === undefined || seen.left) return;
    switch (event.kind) {
      case 'first_byte':
        seen.firstByteMs = event.sinceStartMs;
        seen.answered = true;
        break;
      case 'first_keyframe':
        seen.keyframeMs = event.sinceStartMs;
        break;
      case 'first_frame':
        seen.firstFrameMs = event.sinceStartMs;
        seen.pictureAtMs = event.atMs;
        break;
      case 'latency':
        seen.latency ??= event;
        break;
      case 'clock_warning':
        seen.aheadMs ??= event.aheadMs;
        break;
      case 'start_failed':
        seen.failure ??= {
          reason: event.reason,
          ...(event.status !== undefined ? { status: event.status } : {}),
        };
        if (event.status !== undefined || ANSWERS.has(event.reason)) seen.answered = true;
        break;
      case 'media_request':
        if (event.status !== undefined || event.outcome === 'ok') seen.answered = true;
        if (event.status !== undefined && event.outcome !== 'ok') seen.badStatus = event.status;
        break;
      case 'player_dead':
        seen.left = true;
        break;
      default:
        break;
    }
  }

  #session(event: ViewerEvent): void {
    if (event.kind === 'socket_ready') this.#namespace(event.namespace, { readyMs: event.sinceOpenMs });
    else if (event.kind === 'join_confirmed') this.#namespace(event.namespace, { joined: true });
    else if (event.kind === 'socket_failed' && event.reason === 'auth_refused') {
      this.#namespace(event.namespace, { failure: 'the token was refused' });
    }
  }

  #namespace(namespace: Namespace, seen: NamespaceSighting): void {
    this.namespaces.set(namespace, { ...this.namespaces.get(namespace), answered: true, ...seen });
  }
}

/** Reasons that need bytes of the other side. */
const ANSWERS: ReadonlySet<StartFailure> = new Set(['not_a_playlist', 'media_error', 'no_video']);
