import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { EventHub, type EventSink, MAX_CLIENTS, PATIENCE_MS } from './event-hub.js';

class Sink extends EventEmitter implements EventSink {
  readonly got: string[] = [];
  reads = true;
  ended = false;
  destroyed = false;

  write(text: string): boolean {
    this.got.push(text);
    return this.reads;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }
}

function hubWith(): { hub: EventHub; at: { ms: number }; now: { text: string | undefined } } {
  const at = { ms: 0 };
  const now: { text: string | undefined } = { text: '{"n":0}' };
  return { at, now, hub: new EventHub({ snapshot: () => now.text, nowMs: () => at.ms }) };
}

const namesOf = ({ got }: Sink): string[] => got.map((text) => /event: (\w+)/.exec(text)?.[1] ?? '');

describe('EventHub', () => {
  it('begins with all of what is now and goes on with what is new', () => {
    const { hub } = hubWith();
    const sink = new Sink();
    hub.add(sink);
    hub.send('{"n":1}');
    expect(sink.got).toEqual([
      'retry: 2000\n\nevent: snapshot\ndata: {"n":0}\n\n',
      'event: update\ndata: {"n":1}\n\n',
    ]);
  });

  it('says that there is nothing yet, and gives signs of life', () => {
    const { hub, now } = hubWith();
    now.text = undefined;
    const sink = new Sink();
    hub.add(sink);
    hub.sendWaiting();
    expect(namesOf(sink)).toEqual(['waiting', 'waiting']);
  });

  it('gives one that does not read nothing more, and all of what is now when it does', () => {
    const { hub, now } = hubWith();
    const sink = new Sink();
    sink.reads = false;
    hub.add(sink);
    for (let n = 1; n < 1000; n++) hub.send(`{"n":${n}}`);
    expect(sink.got).toHaveLength(1);
    now.text = '{"n":999}';
    sink.reads = true;
    sink.emit('drain');
    hub.send('{"n":1000}');
    expect(namesOf(sink)).toEqual(['snapshot', 'snapshot', 'update']);
    expect(sink.got[1]).toContain('{"n":999}');
  });

  it('drops one that reads nothing for long', () => {
    const { hub, at } = hubWith();
    const sink = new Sink();
    sink.reads = false;
    hub.add(sink);
    at.ms = PATIENCE_MS;
    hub.send('{}');
    expect(hub.clients).toBe(1);
    at.ms = PATIENCE_MS + 1;
    hub.send('{}');
    expect([hub.clients, sink.destroyed]).toEqual([0, true]);
  });

  it('lets no more in than it can serve, and another when one has gone', () => {
    const { hub } = hubWith();
    const sinks = Array.from({ length: MAX_CLIENTS }, () => new Sink());
    for (const sink of sinks) expect(hub.add(sink)).toBe(true);
    expect(hub.add(new Sink())).toBe(false);
    sinks[0]?.emit('close');
    expect(hub.add(new Sink())).toBe(true);
  });

  it('ends all of them, also one that comes afterwards, with the last state', () => {
    const { hub } = hubWith();
    const [early, late] = [new Sink(), new Sink()];
    hub.add(early);
    hub.end();
    hub.add(late);
    expect([early.ended, late.ended, hub.clients]).toEqual([true, true, 0]);
    expect(namesOf(late)).toEqual(['snapshot']);
  });
});
