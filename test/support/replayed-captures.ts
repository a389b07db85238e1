import { captureBytes, captureText } from './captures.js';
import type { Answer, Piece, ScriptedHttp } from './scripted-http.js';

interface RecordedExchange {
  readonly url: string;
  readonly askedEpochMs: number;
  readonly doneEpochMs: number;
  readonly file: string;
}

/** The recorded dialogue of one HLS viewer: every list as of its time, every segment as long as it took. */
export function routeRecordedHls(http: ScriptedHttp, folder: string): void {
  const all = JSON.parse(captureText(`${folder}/hls.requests.json`)) as RecordedExchange[];
  const startEpochMs = all[0]?.askedEpochMs ?? 0;
  const tookMs = (one: RecordedExchange) => one.doneEpochMs - one.askedEpochMs;
  const lists = all.filter(({ file }) => file.startsWith('media-'));
  const answer = (one: RecordedExchange): Answer => ({
    body: captureText(`${folder}/${one.file}`),
    headersAtMs: tookMs(one),
  });
  for (const one of all) {
    const path = new URL(one.url).pathname;
    if (one.file === 'master.m3u8') http.route('GET /hls/key.m3u8', answer(one));
    else if (one.file.endsWith('.ts'))
      http.route(`GET ${path}`, () => ({
        body: [{ atMs: tookMs(one), bytes: captureBytes(`${folder}/${one.file}`) }],
        headersAtMs: tookMs(one) / 2,
      }));
    else
      http.route(`GET ${path}`, ({ atMs }) => {
        const known = lists.findLast((list) => list.askedEpochMs - startEpochMs <= atMs + 1);
        return answer(known ?? one);
      });
  }
}

/** The recorded FLV viewer as its bytes came; cut off where the recording says so. */
export function recordedFlvAnswer(folder: string): Answer {
  const bytes = captureBytes(`${folder}/viewer.flv`);
  const lines = captureText(`${folder}/flv.chunks.ndjson`)
    .trim()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          askedEpochMs?: number;
          epochMs?: number;
          bytes?: number;
          responseError?: string;
        },
    );
  const startEpochMs = lines[0]?.askedEpochMs ?? 0;
  const body: Piece[] = [];
  let at = 0;
  for (const { epochMs, bytes: size } of lines) {
    if (epochMs === undefined || size === undefined) continue;
    body.push({ atMs: epochMs - startEpochMs, bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  const cut = lines.find(({ responseError }) => responseError !== undefined);
  if (cut?.epochMs === undefined) return { body, end: 'never' };
  return { body, end: { kind: 'reset', atMs: cut.epochMs - startEpochMs } };
}
