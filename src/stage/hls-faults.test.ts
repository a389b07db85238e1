import { expect, it } from 'vitest';
import { type StageRig, stageRig, tagsOf } from '../../test/support/stage-rig.js';
import type { FaultKind } from './fault-spec.js';

const PREROLL_MS = 8500;

const plant = (rig: StageRig, kind: FaultKind, forSeconds?: number, parameters = {}) =>
  rig.faults.plant({ kind, atSeconds: 0, ...(forSeconds === undefined ? {} : { forSeconds }), parameters });

it('lost-playlists: all are refused with the status wanted, or only the next ones', () => {
  const rig = stageRig({ prerollMs: PREROLL_MS });
  plant(rig, 'lost-playlists', 2);
  expect([rig.get('key.m3u8').status, rig.get('key.m3u8?hls_ctx=me').status]).toEqual([404, 404]);
  rig.clock.advance(2000);
  expect(rig.list('me').names.length).toBeGreaterThan(3);
  plant(rig, 'lost-playlists', undefined, { status: 502, count: 1 });
  expect([rig.get('key.m3u8').status, rig.get('key.m3u8').status]).toEqual([502, 200]);
});

it('redirect-playlist: entry and list are found behind a 302 that keeps the context', () => {
  const rig = stageRig({ prerollMs: PREROLL_MS });
  plant(rig, 'redirect-playlist');
  const entry = rig.get('key.m3u8');
  expect([entry.status, entry.location]).toEqual([302, '/live/key.m3u8?moved=1']);
  expect(rig.get('key.m3u8?moved=1').body.toString()).toContain('#EXT-X-STREAM-INF');
  const list = rig.get('key.m3u8?hls_ctx=me');
  expect([list.status, list.location]).toEqual([302, '/live/key.m3u8?hls_ctx=me&moved=1']);
});

it('end-list: lists end with the tag that nothing follows, until the fault is over', () => {
  const rig = stageRig({ prerollMs: PREROLL_MS });
  plant(rig, 'end-list', 1);
  expect(rig.list('me').text.endsWith('?hls_ctx=me\n#EXT-X-ENDLIST\n')).toBe(true);
  rig.clock.advance(1000);
  expect(rig.list('me').text).not.toContain('ENDLIST');
});

it('cut-, slow- and hang-segments: lists are as ever, segments are whole and leave in another way', () => {
  const rig = stageRig({ prerollMs: PREROLL_MS });
  const delivered = () => rig.get(rig.list('me').names[0] as string).delivery;
  expect(delivered()).toEqual({ kind: 'whole' });
  plant(rig, 'slow-segments', 1, { ms: 800 });
  expect(delivered()).toEqual({ kind: 'slow', overMs: 800 });
  rig.faults.lift();
  plant(rig, 'slow-segments');
  expect(delivered()).toEqual({ kind: 'slow', overMs: 3000 });
  plant(rig, 'cut-segments');
  expect(delivered()).toEqual({ kind: 'cut' });
  plant(rig, 'hang-segments');
  expect(delivered()).toEqual({ kind: 'never' });
});

it('unpublished: playlists are 404 and who comes over FLV hears nothing, those who watch go on', () => {
  const rig = stageRig({ prerollMs: PREROLL_MS });
  const before = rig.watch();
  plant(rig, 'unpublished', 3);
  const during = rig.watch();
  const tags = tagsOf(before).length;
  rig.clock.advance(2000);
  expect(rig.get('key.m3u8').status).toBe(404);
  expect(during.written).toEqual([]);
  expect(tagsOf(before).length).toBeGreaterThan(tags + 100);
  rig.clock.advance(1000);
  expect(rig.get('key.m3u8').status).toBe(200);
  expect(rig.watch().written).not.toEqual([]);
});

it.each([
  ['flv-end', '0\r\n\r\n'],
  ['flv-cut', '\r\n'],
] as const)('%s: the body ends, with or without its last chunk, and can be had again', (kind, end) => {
  const rig = stageRig({ prerollMs: PREROLL_MS });
  const socket = rig.watch();
  rig.clock.advance(500);
  plant(rig, kind);
  expect([socket.ended, rig.counts.flv.viewersNow]).toEqual([true, 0]);
  expect(socket.text().endsWith('0\r\n\r\n')).toBe(end === '0\r\n\r\n');
  const written = socket.written.length;
  rig.clock.advance(500);
  expect(socket.written.length).toBe(written);
  expect(tagsOf(rig.watch()).length).toBeGreaterThan(2);
});
