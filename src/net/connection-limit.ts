import type { Cancel } from '../seams.js';
import type { TransportHandler } from './transport.js';

/** What browsers allow per origin over HTTP/1.1, media and API together. */
export const CONNECTIONS_PER_ORIGIN = 6;

interface Waiting {
  readonly handler: TransportHandler;
  readonly start: (handler: TransportHandler) => Cancel;
  cancel: Cancel | undefined;
  over: boolean;
}

/**
 * One viewer's HTTP/1.1 exchanges per origin: six at a time, the others wait in line, as in a browser. One exchange
 * occupies one connection, whichever transport it goes over.
 */
export class ConnectionLimit {
  private readonly running = new Map<string, number>();
  private readonly lines = new Map<string, Waiting[]>();

  /** Calls `start` now or when it is its turn; the returned function stops the exchange or takes it out of line. */
  start(origin: string, handler: TransportHandler, start: (handler: TransportHandler) => Cancel): Cancel {
    const entry: Waiting = { handler, start, cancel: undefined, over: false };
    if ((this.running.get(origin) ?? 0) < CONNECTIONS_PER_ORIGIN) this.run(origin, entry);
    else this.lines.set(origin, [...(this.lines.get(origin) ?? []), entry]);
    return () => {
      if (entry.over) return;
      const { cancel } = entry;
      if (cancel) this.leave(origin, entry);
      else this.leaveLine(origin, entry);
      cancel?.();
    };
  }

  /** Nobody in line is called any more. */
  close(): void {
    this.lines.clear();
  }

  private run(origin: string, entry: Waiting): void {
    this.running.set(origin, (this.running.get(origin) ?? 0) + 1);
    const { handler } = entry;
    handler.onStep?.('begun');
    entry.cancel = entry.start({
      onStep: handler.onStep,
      onHead: (status, headers) => handler.onHead(status, headers),
      onBody: (chunk) => handler.onBody(chunk),
      onDone: (kind, detail) => {
        this.leave(origin, entry);
        handler.onDone(kind, detail);
      },
    });
  }

  private leave(origin: string, entry: Waiting): void {
    if (entry.over) return;
    entry.over = true;
    const left = (this.running.get(origin) ?? 1) - 1;
    if (left > 0) this.running.set(origin, left);
    else this.running.delete(origin);
    const line = this.lines.get(origin);
    const next = line?.shift();
    if (line?.length === 0) this.lines.delete(origin);
    if (next) this.run(origin, next);
  }

  private leaveLine(origin: string, entry: Waiting): void {
    entry.over = true;
    const line = this.lines.get(origin)?.filter((other) => other !== entry) ?? [];
    if (line.length > 0) this.lines.set(origin, line);
    else this.lines.delete(origin);
  }
}
