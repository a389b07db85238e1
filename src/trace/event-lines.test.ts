import { describe, expect, it } from 'vitest';
import { player, WATCHED } from '../../test/support/measured.js';
import type { ViewerEvent } from '../events.js';
import { lineOfEvent } from './event-lines.js';
import { formatLine, parseLine } from './line.js';
import { ALL_LINE_KINDS } from './line-kinds.js';

const lineOf = (event: ViewerEvent) => lineOfEvent(event, (text) => text);

describe('the line of an event', () => {
  it.each([
    player('flv', { ...WATCHED, joiningMs: 1, framesBySource: { stamp: 29, unknown: 1 } }),
    player('hls', { kind: 'latency', latencyMs: 900, source: 'stamp', clockUncertaintyMs: 3 }),
    player('hls', { kind: 'latency', latencyMs: 900, source: 'pdt' }),
  ])('has the fields of the table and no others: $kind', (event) => {
    const line = lineOf(event);
    const { kind = '', atMs: _, ...fields } = line ?? { atMs: 0 };
    expect(parseLine(formatLine(line as NonNullable<typeof line>))).toEqual(line);
    const known = ALL_LINE_KINDS[kind]?.fields ?? {};
    for (const name of Object.keys(fields)) expect(known).toHaveProperty(name);
  });

  it('has every share of a second, so that they add up to it', () => {
    const shares = {
      joiningMs: 100,
      playedMs: 400,
      stalledMs: 200,
      microWaitMs: 90,
      seekingMs: 60,
      endedMs: 150,
    };
    expect(lineOf(player('flv', { ...WATCHED, ...shares }))).toMatchObject(shares);
  });

  it('has how well the clock is known beside a latency, and nothing where nobody knows it', () => {
    const latency = { kind: 'latency', latencyMs: 900, source: 'stamp' } as const;
    expect(lineOf(player('flv', { ...latency, clockUncertaintyMs: 3 }))).toMatchObject({
      clockUncertaintyMs: 3,
    });
    expect(lineOf(player('flv', latency))).not.toHaveProperty('clockUncertaintyMs');
  });
});
