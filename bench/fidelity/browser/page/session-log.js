import { Barcode } from './barcode.js';

const EVENTS = [
  'loadedmetadata',
  'loadeddata',
  'canplay',
  'playing',
  'waiting',
  'stalled',
  'seeking',
  'seeked',
  'emptied',
  'ended',
  'pause',
  'ratechange',
  'error',
];
const HLS_EVENTS = [
  'MANIFEST_PARSED',
  'MEDIA_ATTACHED',
  'LEVEL_LOADED',
  'FRAG_LOADING',
  'FRAG_LOADED',
  'FRAG_BUFFERED',
  'LEVEL_PTS_UPDATED',
];
const TICK_MS = 20;
/** Of anything that is kept: a session is half a minute long. */
const MAX_ENTRIES = 12_000;

/** All that is seen of one session of the page, in `performance.now()` milliseconds and media seconds. Bounded. */
export class SessionLog {
  startedMs = 0;
  events = [];
  /** Instant and position, every 20 ms. */
  ticks = [];
  /** Instant at which a picture was handed to the screen, its number, its position. */
  frames = [];
  seeks = [];
  notes = [];
  appends = [];
  library = [];
  reloadsMs = [];
  fellBackMs = null;
  deadMs = null;
  #video;
  #timer;
  #open = true;

  constructor(video) {
    this.#video = video;
    this.#watchEvents();
    this.#watchFrames();
    this.#watchSeeks();
    this.#timer = setInterval(() => put(this.ticks, [performance.now(), video.currentTime]), TICK_MS);
  }

  start() {
    this.startedMs = performance.now();
  }

  note(text) {
    put(this.notes, [performance.now(), text]);
  }

  reloaded() {
    put(this.reloadsMs, performance.now());
  }

  fellBack() {
    this.fellBackMs ??= performance.now();
  }

  dead() {
    this.deadMs ??= performance.now();
  }

  /** What the HLS library does, for whoever mends the model. */
  hls(hls, names) {
    for (const name of HLS_EVENTS) {
      hls.on(names[name], (_, data) => {
        const of = data.frag ?? data.details;
        put(this.library, [performance.now(), name, of?.sn ?? of?.endSN, of?.start, of?.end ?? of?.edge]);
      });
    }
  }

  /** Everything as plain data; nothing is recorded any more. */
  finish(protocol) {
    this.#open = false;
    clearInterval(this.#timer);
    const { currentTime, ended, readyState } = this.#video;
    return {
      startedMs: this.startedMs,
      stoppedMs: performance.now(),
      events: this.events,
      ticks: this.ticks,
      frames: this.frames,
      seeks: this.seeks,
      notes: this.notes,
      appends: this.appends,
      library: this.library,
      reloadsMs: this.reloadsMs,
      fellBackMs: this.fellBackMs,
      deadMs: this.deadMs,
      protocolAtEnd: protocol,
      atEnd: { currentTime, ended, readyState },
    };
  }

  #watchEvents() {
    for (const name of EVENTS) {
      this.#video.addEventListener(name, () =>
        put(this.events, [performance.now(), name, this.#video.currentTime, this.#video.readyState]),
      );
    }
  }

  #watchFrames() {
    const video = this.#video;
    const barcode = new Barcode();
    const onFrame = (_, metadata) => {
      if (!this.#open) return;
      put(this.frames, [metadata.presentationTime, barcode.read(video), metadata.mediaTime]);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }

  /** Who sets the position moves it: from where to where is known at that call only. */
  #watchSeeks() {
    const video = this.#video;
    const position = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime');
    Object.defineProperty(video, 'currentTime', {
      get: () => position.get.call(video),
      set: (value) => {
        put(this.seeks, [performance.now(), position.get.call(video), value]);
        position.set.call(video, value);
      },
    });
  }
}

/** Notes each append of any source buffer of the page in the log that is current. */
export function watchAppends(currentLog) {
  const { appendBuffer } = SourceBuffer.prototype;
  SourceBuffer.prototype.appendBuffer = function (data) {
    const atMs = performance.now();
    this.addEventListener(
      'updateend',
      () => {
        const log = currentLog();
        if (log !== undefined) put(log.appends, [atMs, performance.now(), rangesOf(this)]);
      },
      { once: true },
    );
    appendBuffer.call(this, data);
  };
}

function rangesOf(sourceBuffer) {
  try {
    const { buffered } = sourceBuffer;
    return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
  } catch {
    return []; // It was taken from its source meanwhile.
  }
}

function put(list, entry) {
  if (list.length < MAX_ENTRIES) list.push(entry);
}
