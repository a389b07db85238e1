import { uncertaintyWords } from '../clock/clock-words.js';
import type { CaptureSource, Protocol, StartFailure } from '../events.js';
import type { PreflightCheck } from './report.js';
import type { RestSighting } from './rest.js';
import type { MediaSighting, NamespaceSighting, Sightings } from './sightings.js';

/** True when no part of the platform sent anything back: there is nobody to be measured. */
export function isSilent(rest: RestSighting, seen: Sightings): boolean {
  if (rest.answered || seen.ownFault !== undefined) return false;
  return [...seen.namespaces.values(), ...seen.media.values()].every(({ answered }) => answered !== true);
}

/** One check per part, in the order in which they are printed. */
export function findings(rest: RestSighting, seen: Sightings): PreflightCheck[] {
  const media = [...seen.media];
  return [
    rest.check,
    socketsCheck(seen),
    ...media.map(([name, one]) => mediaCheck(name, one)),
    stampsCheck(media),
  ];
}

function socketsCheck({ namespaces, ownFault }: Sightings): PreflightCheck {
  const part = 'sockets';
  if (ownFault !== undefined) {
    return { part, status: 'warning', text: `our own fault in the preflight: ${ownFault.slice(0, 100)}` };
  }
  const troubles = [...namespaces].flatMap(([name, one]) => {
    const trouble = namespaceTrouble(one);
    return trouble === undefined ? [] : [`${name} ${trouble}`];
  });
  if (troubles.length > 0) return { part, status: 'warning', text: troubles.join('; ') };
  const times = [...namespaces].map(([name, { readyMs = 0 }]) => `${name} ${Math.round(readyMs)} ms`);
  return { part, status: 'ok', text: `ready and joined: ${times.join(', ')}` };
}

function namespaceTrouble({ readyMs, joined, failure, answered }: NamespaceSighting): string | undefined {
  if (joined) return undefined;
  if (readyMs !== undefined) return 'is ready, but never confirmed the join';
  if (failure !== undefined) return `did not get ready: ${failure}`;
  return answered ? 'connected, but its ready event never came' : 'did not answer';
}

const WHY: Readonly<Record<StartFailure, string>> = {
  refused: 'the request failed',
  http_status: 'refused',
  not_a_playlist: 'what came is no playlist',
  media_error: 'what came is not the promised media',
  no_data: 'no media came',
  cut: 'the body ended before a picture',
  no_video: 'sound without a picture',
  stopped: 'no picture',
};

function mediaCheck(part: Protocol, seen: MediaSighting): PreflightCheck {
  const trouble = mediaTrouble(seen);
  if (trouble !== undefined) return { part, status: 'warning', text: trouble };
  const first = `first byte ${ms(seen.firstByteMs)}, first picture ${ms(seen.firstFrameMs)}`;
  const { latency } = seen;
  const late =
    latency === undefined
      ? ''
      : `, ${(latency.latencyMs / 1000).toFixed(1)} s behind the encoder (${uncertaintyWords(latency.clockUncertaintyMs)})`;
  return { part, status: 'ok', text: first + late };
}

function mediaTrouble({ firstFrameMs, failure, firstByteMs, badStatus }: MediaSighting): string | undefined {
  if (firstFrameMs !== undefined) return undefined;
  if (failure !== undefined && failure.reason !== 'stopped') {
    const { reason, status = badStatus } = failure;
    return status === undefined ? WHY[reason] : `HTTP ${status}: ${WHY[reason]}`;
  }
  if (badStatus !== undefined) return `HTTP ${badStatus}, no picture in time`;
  return firstByteMs === undefined ? 'nothing came in time' : 'bytes came, but no picture in time';
}

const SOURCES: Readonly<Record<CaptureSource, string>> = {
  stamp: 'capture stamp',
  misb: 'MISB time stamp',
  obs: 'OBS metrics',
  pic_timing: 'picture timing',
  pdt: 'PROGRAM-DATE-TIME',
};

/** Without stamps nobody can say how late a picture is; with clocks that differ the figures mean nothing. */
function stampsCheck(media: readonly (readonly [Protocol, MediaSighting])[]): PreflightCheck {
  const part = 'stamps';
  const playing = media.filter(([, { firstFrameMs }]) => firstFrameMs !== undefined);
  if (playing.length === 0) return { part, status: 'warning', text: 'not looked for: no picture came' };
  const ahead = playing.find(([, { aheadMs }]) => aheadMs !== undefined)?.[1].aheadMs;
  if (ahead !== undefined) {
    const text = `pictures seem to come ${Math.ceil(ahead)} ms from the future: the clocks of this machine and the encoder differ`;
    return { part, status: 'warning', text };
  }
  const missing = playing
    .filter(([, { latency }]) => latency === undefined)
    .map(([name]) => name.toUpperCase());
  if (missing.length > 0) {
    const text = `${missing.join(' and ')} without capture times (in the video or PROGRAM-DATE-TIME): latency rows will have no data`;
    return { part, status: 'warning', text };
  }
  const sources = playing.map(
    ([name, { latency }]) => `${name.toUpperCase()} ${latency === undefined ? '' : SOURCES[latency.source]}`,
  );
  return { part, status: 'ok', text: `capture times: ${sources.join(', ')}` };
}

function ms(value: number | undefined): string {
  return value === undefined ? 'unknown' : `${Math.round(value)} ms`;
}
