import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { type CliResult, kpi, measured, runLoad, total } from './cli.js';
import { GARBAGE, type Garbage, startGarbage } from './garbage-server.js';
import { type StageProcess, startStage } from './stage.js';

const NO_TRACE = /^\s+at .+:\d+/m;
/** The look before the run, joining, 6 s, leaving, and the patience of what never ends. */
const IN_TIME_MS = 45_000;
/** A run of this size holds about 170 MB; each garbage connection brings 5 MB/s for as long as it is read. */
const MAX_RSS_BYTES = 350e6;
const LOAD = ['--duration', '6s'];
const FALLS_BACK = ['--vus', '4', '--mix', 'hls=50,flv=50', '--no-preflight'];
const ALL_HLS = ['--vus', '10', '--mix', 'hls=100,flv=0'];

let stage: StageProcess;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

/**
 * Rubbish on each port that a run reads from. The platform is to blame, so what came over that port is red, whatever
 * the rubbish; and it costs the generator neither its time nor its memory nor its head. HLS is in good health first:
 * a viewer whose picture never comes does not open its sockets.
 */
describe.concurrent('a platform whose REST, sockets and FLV server send', () => {
  test.for(Object.entries(GARBAGE))('%s fails: 99', async ([_, garbage], context) => {
    const result = await runAgainst(context, garbage, ['--api-url', '--socket-url', '--flv-url'], FALLS_BACK);
    for (const id of ['ready_root', 'ready_streaming', 'viewers_joined']) {
      expect(kpi(result, id), result.stderr).toMatchObject({ status: 'fail', value: 0 });
    }
    expect(total(result, 'first_frame_count', 'flv'), result.stderr).toBe(0);
    expect(total(result, 'first_frame_count', 'hls'), result.stderr).toBeGreaterThanOrEqual(2);
    expect(total(result, 'api_outcome_count', 'ok'), result.stderr).toBe(0);
  });
});

describe.concurrent('a platform whose HLS server sends', () => {
  test('each of these to one viewer after the other fails: 99', async (context) => {
    // To who does not ask for a WebSocket the others say nothing.
    const kinds = Object.entries(GARBAGE).flatMap(([kind, garbage]) =>
      /Socket/.test(kind) ? [] : [garbage],
    );
    let next = 0;
    const inTurn: Garbage = (socket, request) => kinds[next++ % kinds.length]?.(socket, request);
    const result = await runAgainst(context, inTurn, ['--hls-url'], ALL_HLS);
    for (const id of ['stream_start_success', 'viewers_joined']) {
      expect(kpi(result, id), result.stderr).toMatchObject({ status: 'fail', value: 0 });
    }
  });
});

async function runAgainst(
  context: TestContext,
  garbage: Garbage,
  urls: readonly string[],
  load: readonly string[],
): Promise<CliResult> {
  const server = await startGarbage(garbage);
  context.onTestFinished(() => server.stop());
  const target = [...stage.flags(), ...urls.flatMap((flag) => [flag, server.origin])];
  const result = await measured(() => runLoad([...target, ...LOAD, ...load], { timeoutMs: IN_TIME_MS }));
  expect(result.code, result.stderr).toBe(99);
  expect(server.connections()).toBeGreaterThan(0);
  expect(result.summary?.metrics.rss_bytes?.max, result.stderr).toBeLessThan(MAX_RSS_BYTES);
  expect(result.stderr).not.toMatch(NO_TRACE);
  return result;
}
