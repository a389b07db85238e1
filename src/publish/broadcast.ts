import { encoderArgs } from './ffmpeg-args.js';
import type { FfmpegEnd, FfmpegProcess, StartFfmpeg } from './ffmpeg-process.js';
import { FlvCutter } from './flv-cutter.js';
import { frameNoteReader } from './frame-notes.js';
import { Gate } from './gate.js';
import { Meter } from './meter.js';
import type { PublishOptions } from './options.js';
import { Outlet } from './outlet.js';
import { type Sender, type SenderEnd, startSender } from './sender.js';
import { SourceClock } from './source-clock.js';
import { Stamper } from './stamper.js';

/** Where a broadcast is. */
export type BroadcastState = 'connecting' | 'on_air' | 'paused' | 'dropped' | 'ended';

/** How it ended by itself. */
export type BroadcastEnd =
  | { readonly kind: 'encoder'; readonly end: FfmpegEnd; readonly frames: number }
  | { readonly kind: 'server'; readonly end: SenderEnd; readonly wasOnAir: boolean }
  | { readonly kind: 'media'; readonly problem: string };

export interface BroadcastDeps {
  readonly start: StartFfmpeg;
  readonly epochUs: () => number;
  /** A line of an ffmpeg's stderr; may hold the stream key. */
  readonly onLine: (who: 'encoder' | 'sender', line: string) => void;
  /** Went from one state to another. */
  readonly onState: (state: BroadcastState) => void;
}

/** Source and encoder, stamper, connection: one broadcaster. What is asked of it at the wrong moment is refused in words. */
export class Broadcast {
  readonly meter = new Meter();
  readonly clock = new SourceClock();
  /** Resolves when an ffmpeg, or what it made, ended the broadcast; never because of `stop`. */
  readonly ended: Promise<BroadcastEnd>;
  readonly #options: PublishOptions;
  readonly #deps: BroadcastDeps;
  readonly #gate = new Gate();
  readonly #outlet: Outlet;
  readonly #encoder: FfmpegProcess;
  #sender: Sender | undefined;
  #state: BroadcastState = 'connecting';
  #comeBack: NodeJS.Timeout | undefined;
  #connections = 0;
  #wasOnAir = false;
  #over: (end: BroadcastEnd) => void = () => {};

  constructor(options: PublishOptions, deps: BroadcastDeps) {
    this.#options = options;
    this.#deps = deps;
    this.ended = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.#encoder = deps.start({
      args: encoderArgs(options.source, options.video),
      streams: 'out',
      onLine: (line) => this.#state !== 'ended' && deps.onLine('encoder', line),
    });
    this.#outlet = new Outlet(() => this.#flow());
    void this.#encoder.ended.then((end) => this.#end({ kind: 'encoder', end, frames: this.meter.frames }));
    this.#wire();
    this.#connect(0);
  }

  get state(): BroadcastState {
    return this.#state;
  }

  /** A server has taken a picture. */
  get wasOnAir(): boolean {
    return this.#wasOnAir;
  }

  get sentBytes(): number {
    return this.#outlet.sentBytes;
  }

  /** The server takes less than there is. */
  get waitingForServer(): boolean {
    return this.#outlet.full;
  }

  /** RTMP connections made so far. */
  get connections(): number {
    return this.#connections;
  }

  /** The connection stays, no media goes out. */
  pause(): string | undefined {
    if (this.#state !== 'on_air') return `nothing to pause: ${this.#state}`;
    this.#gate.shut();
    this.#become('paused');
    return undefined;
  }

  /** Ends a pause with the next keyframe, on the same time line; ends a drop at once. */
  resume(): string | undefined {
    if (this.#state === 'dropped') {
      this.#connect(0);
      return undefined;
    }
    if (this.#state !== 'paused') return `nothing to resume: ${this.#state}`;
    this.#gate.reopen();
    this.#become('on_air');
    return undefined;
  }

  /** The publisher crashes, and a new one comes after `forMs` with its own time line. */
  drop(forMs: number): string | undefined {
    if (this.#state === 'ended' || this.#state === 'dropped') return `nothing to drop: ${this.#state}`;
    this.#leave()?.crash();
    this.#become('dropped');
    this.#comeBack = setTimeout(() => this.#connect(0), forMs);
    return undefined;
  }

  /** The broadcaster stops its stream and starts it again at once; its times begin at `startMs`. */
  async newTimestamps(startMs: number): Promise<string | undefined> {
    const now = this.state;
    if (now !== 'on_air' && now !== 'paused') return `no connection to renew: ${now}`;
    const sender = this.#leave();
    this.#become('connecting');
    await sender?.close();
    // Something else may have been asked for meanwhile.
    if (this.#state === 'connecting' && this.#sender === undefined) this.#connect(startMs);
    return undefined;
  }

  /** Ends both ffmpegs and waits until they are gone. */
  async stop(): Promise<void> {
    const sender = this.#leave();
    this.#become('ended');
    this.#encoder.stdout?.resume();
    this.#encoder.kill('SIGKILL');
    await Promise.all([this.#encoder.ended, sender?.close()]);
  }

  #wire(): void {
    const { stdout, side } = this.#encoder;
    const cutter = new FlvCutter(
      new Stamper(this.clock, this.#gate, {
        header: (kind, tag) => this.#outlet.header(kind, tag),
        media: (pieces) => this.#outlet.media(pieces),
        frame: (captureEpochUs) => this.meter.stamped(this.#deps.epochUs() - captureEpochUs),
      }),
    );
    const note = frameNoteReader((sourceUs) => {
      this.clock.note(sourceUs, this.#deps.epochUs());
      this.meter.made(sourceUs);
    });
    side.setEncoding('utf8').on('data', (text: string) => {
      const first = this.clock.firstSourceUs === undefined;
      note(text);
      if (first) this.#flow();
    });
    stdout?.pause().on('data', (chunk: Buffer) => {
      if (this.#state === 'ended') return;
      try {
        this.#outlet.together(() => cutter.push(chunk));
      } catch (error) {
        this.#end({ kind: 'media', problem: (error as Error).message });
      }
      this.#flow();
    });
  }

  /** The encoder is read as long as its frames can be timed and there is room for them; else it waits for us. */
  #flow(): void {
    const stdout = this.#encoder.stdout;
    if (this.clock.firstSourceUs === undefined || this.#outlet.full) stdout?.pause();
    else stdout?.resume();
  }

  #connect(startMs: number): void {
    clearTimeout(this.#comeBack);
    const sender = startSender({
      url: this.#options.url,
      start: this.#deps.start,
      // One that was given up has nothing more to say.
      onLine: (line) =>
        this.#sender === sender && this.#state !== 'ended' && this.#deps.onLine('sender', line),
      onAir: () => {
        this.#wasOnAir = true;
        if (this.#sender === sender && this.#state === 'connecting') this.#become('on_air');
      },
    });
    this.#connections++;
    this.#sender = sender;
    this.#become('connecting');
    this.#gate.reopen(startMs);
    this.#outlet.connect(sender);
    void sender.ended.then((end) => {
      if (this.#sender === sender) this.#end({ kind: 'server', end, wasOnAir: this.#wasOnAir });
    });
  }

  /** Takes the connection out of use; whoever called ends it. */
  #leave(): Sender | undefined {
    clearTimeout(this.#comeBack);
    this.#gate.shut();
    const sender = this.#sender;
    this.#sender = undefined;
    this.#outlet.connect(undefined);
    return sender;
  }

  #end(end: BroadcastEnd): void {
    if (this.#state === 'ended') return;
    this.#become('ended');
    this.#over(end);
  }

  #become(state: BroadcastState): void {
    if (this.#state === state || this.#state === 'ended') return;
    this.#state = state;
    this.#deps.onState(state);
  }
}
