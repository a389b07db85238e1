import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TsReader } from '../../src/players/ts-reader.js';
import { needs } from './available.js';
import { freePort, temporaryFolder, waitUntil } from './child.js';
import { startNginxRtmp } from './nginx-rtmp.js';
import { onAir, STREAM_KEY } from './on-air.js';
import { type SeenPicture, SMALL, startPublish, watchFlv } from './publish.js';

describe('publish over node-media-server', () => {
  test('every picture has its stamp, and ffprobe finds nothing to complain of', async (context) => {
    needs(context, 'node-media-server', 'ffmpeg', 'ffprobe');
    const { url, publish } = await onAir();
    const { pictures, bytes } = await watchFlv(url, (seen) => seen.length >= 120);
    expect(pictures.length).toBeGreaterThanOrEqual(120);
    expect(pictures.filter(({ stamped }) => !stamped)).toEqual([]);
    const numbers = pictures.map(({ frameNumber }) => frameNumber);
    expect(numbers.slice(1).every((n, index) => n === (numbers[index] as number) + 1)).toBe(true);
    // Stamps follow presentation time to the rounding of FLV, whatever order pictures come in.
    const offsets = pictures.map(({ ptsMs, captureEpochUs }) => captureEpochUs / 1000 - ptsMs);
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(20);
    const file = join(temporaryFolder('probe'), 'seen.flv');
    writeFileSync(file, bytes);
    // Every picture is decoded; the server's own script tag is none of ours.
    const entries = ['-count_frames', '-show_entries', 'stream=codec_name,nb_read_frames', '-of', 'csv=p=0'];
    const args = ['-v', 'warning', '-select_streams', 'v', ...entries, file];
    const probe = spawnSync('ffprobe', args, { encoding: 'utf8', timeout: 60_000 });
    expect(probe.stdout).toMatch(/^h264,1\d\d$/m);
    expect(probe.stderr.replace('Unsupported codec with id 0 for input stream 0\n', '')).toBe('');
    expect(publish.stderr()).not.toContain(STREAM_KEY);
  });

  test('pause keeps the connection without media, drop breaks it, both come back at a keyframe', async (context) => {
    needs(context, 'node-media-server', 'ffmpeg');
    const port = await freePort();
    const { publish, url, server } = await onAir('--control', String(port));
    const control = async (
      call: string,
      method = 'POST',
    ): Promise<{ status: number; body: Record<string, unknown> }> => {
      const answer = await fetch(`http://127.0.0.1:${port}${call}`, { method });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const sender = publish.children().sender;
    const first = watchFlv(
      url,
      (seen) => (seen.at(-1)?.frameNumber ?? 0) - (seen[0]?.frameNumber ?? 0) >= 150,
    );
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await control('/pause')).toMatchObject({ status: 200, body: { state: 'paused', connections: 1 } });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await control('/pause')).toMatchObject({ status: 409 });
    expect(await control('/resume')).toMatchObject({
      status: 200,
      body: { state: 'on_air', connections: 1 },
    });
    const { pictures } = await first;
    expect(publish.children().sender).toBe(sender);
    const gap = pictures.findIndex(
      ({ frameNumber }, index) => frameNumber - (pictures[index - 1]?.frameNumber ?? frameNumber) > 1,
    );
    const [before, after] = [pictures[gap - 1], pictures[gap]] as [SeenPicture, SeenPicture];
    expect(after.keyframe).toBe(true);
    // Time went on while nothing was sent.
    expect(after.ptsMs - before.ptsMs).toBeGreaterThan(1000);
    expect(
      Math.abs((after.captureEpochUs - before.captureEpochUs) / 1000 - (after.ptsMs - before.ptsMs)),
    ).toBeLessThan(50);

    expect(await control('/drop?s=1')).toMatchObject({ status: 200, body: { state: 'dropped' } });
    expect(publish.children().encoder).toBeDefined();
    const comesBack = (connections: number): Promise<void> =>
      waitUntil(
        `connection ${connections}`,
        async () => {
          const { body } = await control('/status', 'GET');
          return body.connections === connections && body.state === 'on_air';
        },
        server,
      );
    await comesBack(2);
    expect(await control('/new-timestamps')).toMatchObject({ status: 200 });
    await comesBack(3);
    const again = await watchFlv(url, (seen) => seen.length >= 30);
    expect(again.pictures.every(({ stamped }) => stamped)).toBe(true);
    expect(await control('/drop', 'GET')).toMatchObject({ status: 405 });
    expect(await control('/drop?s=x')).toMatchObject({ status: 400 });
    const page = await fetch(`http://127.0.0.1:${port}/drop`, {
      method: 'POST',
      headers: { origin: 'http://a.example' },
    });
    expect(page.status).toBe(403);
  });

  test.each([
    ['encoder', /exit 115: the encoder ended by itself \(ffmpeg: SIGKILL\)/],
    ['sender', /exit 115: the connection to rtmp:\/\/.*\/live\/\*\*\* was lost \(ffmpeg: SIGKILL\)/],
  ] as const)('the death of the %s is noticed and told', async (who, words) => {
    const { publish } = await onAir();
    const children = publish.children();
    process.kill(children[who] as number, 'SIGKILL');
    expect(await publish.ended).toBe(115);
    expect(publish.stderr()).toMatch(words);
    expect([children.encoder, children.sender].filter(isAlive)).toEqual([]);
  });

  test('Ctrl-C ends it, and its ffmpegs, with code 0', async (context) => {
    needs(context, 'node-media-server', 'ffmpeg');
    const { publish } = await onAir();
    const children = publish.children();
    process.kill(publish.pid, 'SIGINT');
    expect(await publish.ended).toBe(0);
    expect(publish.stderr()).toMatch(/stopped by SIGINT: \d+ frames stamped/);
    expect([children.encoder, children.sender].filter(isAlive)).toEqual([]);
  });

  test('its ffmpegs do not outlive it when it is killed', async (context) => {
    needs(context, 'node-media-server', 'ffmpeg');
    const { publish } = await onAir();
    const children = publish.children();
    process.kill(publish.pid, 'SIGKILL');
    await publish.ended;
    const giveUpAtMs = performance.now() + 10_000;
    while ([children.encoder, children.sender].some(isAlive) && performance.now() < giveUpAtMs) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect([children.encoder, children.sender].filter(isAlive)).toEqual([]);
  });
});

test('over nginx-rtmp every picture in the HLS segments has its stamp', async (context) => {
  needs(context, 'nginx', 'nginx-rtmp', 'ffmpeg');
  const server = await startNginxRtmp();
  onTestFinished(() => server.stop());
  const publish = startPublish(['--to', server.rtmpUrl, '--stream-key', STREAM_KEY, ...SMALL]);
  await publish.saysLine(/^on air$/m);
  const listUrl = `${server.origin}/hls/${STREAM_KEY}.m3u8`;
  const segments = async (): Promise<string[]> =>
    (await (await fetch(listUrl)).text()).split('\n').filter((line) => line.endsWith('.ts'));
  await waitUntil('two segments', async () => (await segments()).length >= 2, server);
  const [first, second] = await segments();
  const captures: number[] = [];
  const numbers: number[] = [];
  let unstamped = 0;
  const reader = new TsReader({
    onPes: ({ track, stamped, captureEpochUs, frameNumber }) => {
      if (track !== 'video') return;
      if (!stamped) unstamped++;
      captures.push(captureEpochUs);
      numbers.push(frameNumber);
    },
    onError: (code) => expect.unreachable(code),
  });
  for (const [index, name] of [first, second].entries()) {
    reader.resetForSegment(index === 0);
    reader.push(new Uint8Array(await (await fetch(new URL(name as string, listUrl))).arrayBuffer()));
    reader.flush();
  }
  expect(unstamped).toBe(0);
  // Nothing is lost on the way, from the very first picture on.
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(captures.length).toBeGreaterThan(45);
  const newestAgoMs = Date.now() - Math.max(...captures) / 1000;
  expect(newestAgoMs).toBeGreaterThan(0);
  expect(newestAgoMs).toBeLessThan(15_000);
});

test('a second Ctrl-C leaves no ffmpeg behind that waits for a silent server', async (context) => {
  needs(context, 'ffmpeg');
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const publish = startPublish([
    '--to',
    `rtmp://127.0.0.1:${(silent.address() as AddressInfo).port}/a`,
    ...SMALL,
  ]);
  while (sockets.size === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const { encoder, sender } = publish.children();
  expect([encoder, sender].every(isAlive)).toBe(true);
  process.kill(publish.pid, 'SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(publish.pid, 'SIGINT');
  expect(await publish.ended).toBe(130);
  const giveUpAtMs = performance.now() + 5000;
  while ([encoder, sender].some(isAlive) && performance.now() < giveUpAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect([encoder, sender].filter(isAlive)).toEqual([]);
});

describe('publish says plainly', () => {
  test('that ffmpeg is missing', async () => {
    const publish = startPublish(SMALL, { PATH: '/nonexistent' });
    expect(await publish.ended).toBe(113);
    expect(publish.stderr()).toMatch(/exit 113: ffmpeg is not installed.*nothing was published\n$/);
  });

  test('that no server answers, and never its stream key', async (context) => {
    needs(context, 'ffmpeg');
    const publish = startPublish([
      ...SMALL,
      '--to',
      `rtmp://127.0.0.1:${await freePort()}/live`,
      '--stream-key',
      STREAM_KEY,
    ]);
    expect(await publish.ended).toBe(113);
    expect(publish.stderr()).toMatch(
      /exit 113: rtmp:\/\/127\.0\.0\.1:\d+\/live\/\*\*\* refused .*Connection refused\)\n$/,
    );
    expect(publish.stderr()).not.toContain(STREAM_KEY);
  });

  test('that there is no such film', async (context) => {
    needs(context, 'ffmpeg');
    const publish = startPublish([...SMALL, '--file', '/nonexistent.mp4']);
    expect(await publish.ended).toBe(113);
    expect(publish.stderr()).toMatch(/exit 113: the encoder or its source did not start .*No such file/);
  });
});

function isAlive(pid: number | undefined): boolean {
  try {
    process.kill(pid as number, 0);
    return true;
  } catch {
    return false;
  }
}
