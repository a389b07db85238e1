import { describe, expect, test } from 'vitest';
import { type CliResult, kpi, kpisWith, measured, runLoad, total } from './cli.js';

/**
 * Each time something is taken away from a working platform, the verdict has to change to the right one for the
 * right reason. A run of the same size without any fault passes, or the rows below would prove nothing. Two at a
 * time: ten viewers need a tenth of a core.
 */
const LOAD = ['--vus', '10', '--duration', '22s'];

const run = (...faults: readonly string[]): Promise<CliResult> =>
  measured(() => runLoad([...LOAD, ...faults.flatMap((fault) => ['--stage-fault', fault])]));

describe.concurrent('the verdict', () => {
  test('is a pass while nothing is broken', async () => {
    const result = await run();
    expect(result.code, result.stderr).toBe(0);
  });

  test('fails for stalls when the media is held back for longer than any buffer', async () => {
    await expectFail(run('freeze:at=9,for=6'), 'rebuffer_ratio');
  });

  test('fails for stalls when the publisher is dropped', async () => {
    await expectFail(run('drop-publisher:at=9'), 'rebuffer_ratio');
  });

  test('fails for lost deliveries when the chat is muted', async () => {
    await expectFail(run('mute-chat'), 'chat_delivery_ratio', 'chat_echo_ratio');
  });

  test('fails for lost deliveries when messages come back to their sender only', async () => {
    const result = await expectFail(run('echo-to-sender-only'), 'chat_delivery_ratio');
    expect(kpi(result, 'chat_echo_ratio').status).toBe('pass');
  });

  test('fails for a frozen picture when the video is gone while audio runs', async () => {
    await expectFail(run('video-gone:at=9,for=8'), 'frozen_ratio');
  });

  test('has no data for latency when the capture stamps are gone', async () => {
    const result = await run('no-stamps');
    expect(result.code, result.stderr).toBe(114);
    expect(result.summary?.verdict).toBe('no_data');
    expect(kpisWith(result, 'fail')).toEqual([]);
    expect(kpisWith(result, 'no_data')).toEqual(['latency_p95_flv', 'latency_p95_hls']);
  });

  test('fails for namespaces that never get ready when the ready event is stopped', async () => {
    await expectFail(run('no-ready:namespace=/chat'), 'ready_chat');
  });

  test('fails for server faults, and keeps throttling and proxy limits apart from them', async () => {
    const result = await expectFail(run('http-5xx:at=6'), 'api_5xx_rate', 'api_success');
    expect(total(result, 'api_outcome_count', 'server_fault')).toBeGreaterThan(0);
    expect(total(result, 'api_outcome_count', 'throttled')).toBe(0);
    expect(total(result, 'api_outcome_count', 'proxy_limit')).toBe(0);
  });
});

async function expectFail(running: Promise<CliResult>, ...ids: readonly string[]): Promise<CliResult> {
  const result = await running;
  expect(result.code, result.stderr).toBe(99);
  expect(result.summary?.verdict).toBe('fail');
  for (const id of ids) expect(kpi(result, id), result.stderr).toMatchObject({ status: 'fail' });
  return result;
}
