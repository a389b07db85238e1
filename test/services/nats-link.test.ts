import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, type TestContext, test, vi } from 'vitest';
import type { Link } from '../../src/cluster/link.js';
import { openNatsLink, plainUrl } from '../../src/cluster/nats-link.js';
import { startCutRelay } from '../support/cut-relay.js';
import { LINK_SUITE } from '../support/link-suite.js';
import { startTestBroker } from '../support/nats-broker.js';
import { needs } from './available.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const SPEC = { name: 'dl-r1-data', subjects: ['dl.run.r1.data.*'], maxBytes: 2 ** 20, maxAgeMs: 3_600_000 };

async function world(context: TestContext) {
  needs(context, 'nats');
  const broker = await startTestBroker();
  const relay = await startCutRelay(broker.port);
  const open = async (port?: number): Promise<Link> => {
    const link = await openNatsLink({ url: broker.url(port), name: 'test', patienceMs: 0 });
    onTestFinished(() => link.close());
    return link;
  };
  onTestFinished(async () => {
    relay.close();
    await broker.close();
  });
  return { broker, relay, open };
}

test('does what every link does', async (context) => {
  for (const check of Object.values(LINK_SUITE)) {
    const { broker, open } = await world(context);
    await check({ here: await open(), there: await open(), pass: (ms) => delay(ms) });
    await broker.close();
  }
});

test('a broker that is killed and begun anew loses nothing, and readers go on where they were', async (context) => {
  const { broker, open } = await world(context);
  const [writer, reader] = [await open(), await open()];
  await writer.openStream(SPEC);
  const got: number[] = [];
  const named: number[] = [];
  await reader.read({ stream: SPEC.name }, ({ payload }) => void got.push(Number(text(payload))));
  await reader.read(
    { stream: SPEC.name, durable: 'orders' },
    ({ payload }) => void named.push(Number(text(payload))),
  );
  const ups: boolean[] = [];
  reader.onUp((isUp) => ups.push(isUp));
  let sent = 0;
  const send = async (): Promise<void> => {
    const n = ++sent;
    for (;;) {
      try {
        await writer.append('dl.run.r1.data.a', bytes(`${n}`), `a:${n}`);
        return;
      } catch {
        // As an outbox does: again, under the same id.
      }
    }
  };
  for (let n = 0; n < 50; n++) await send();
  const flying = Promise.all(Array.from({ length: 200 }, send));
  await broker.kill();
  await broker.begin();
  await flying;
  const all = Array.from({ length: 250 }, (_, i) => i + 1);
  await vi.waitFor(
    () => {
      expect([...got].sort((a, b) => a - b)).toEqual(all);
      expect([...new Set(named)].sort((a, b) => a - b)).toEqual(all);
    },
    { timeout: 30_000, interval: 100 },
  );
  expect(ups).toEqual([false, true]);
  expect(named.length).toBeLessThanOrEqual(all.length + 1);
});

test('a way that goes dead without a word is noticed, and what was asked in vain fails in time', async (context) => {
  const { relay, open } = await world(context);
  const link = await open(relay.port);
  await link.openStream(SPEC);
  relay.hang();
  await expect(link.append('dl.run.r1.data.a', bytes('x'), 'x')).rejects.toMatchObject({ code: 'timeout' });
  await vi.waitFor(() => expect(link.isUp).toBe(false), { timeout: 10_000 });
  relay.heal();
  await vi.waitFor(() => expect(link.isUp).toBe(true), { timeout: 10_000 });
  expect(await link.append('dl.run.r1.data.a', bytes('x'), 'x')).toBeDefined();
});

test('questions, answers of many, nobody there, too much, and no room', async (context) => {
  const { open } = await world(context);
  const [here, there] = [await open(), await open()];
  expect(await here.askAll('dl.hello', bytes(''), 200)).toEqual([]);
  await expect(here.ask('dl.box.a', bytes(''), 500)).rejects.toMatchObject({ code: 'no_responders' });
  there.serve('dl.hello', () => bytes('b'));
  here.serve('dl.hello', () => bytes('a'));
  there.serve('dl.box.a', async (payload) => bytes(`${text(payload)}!`));
  there.serve('dl.box.bad', () => {
    throw new Error('no');
  });
  await vi.waitFor(async () =>
    expect((await here.askAll('dl.hello', bytes(''), 200)).map(text).sort()).toEqual(['a', 'b']),
  );
  expect((await here.askAll('dl.hello', bytes(''), 60_000, 2)).length).toBe(2);
  expect(text(await here.ask('dl.box.a', bytes('yes'), 2000))).toBe('yes!');
  await expect(here.ask('dl.box.bad', bytes(''), 200)).rejects.toMatchObject({ code: 'timeout' });
  await here.openStream({ ...SPEC, maxBytes: 2000 });
  await expect(here.append('dl.run.r1.data.a', new Uint8Array(2 ** 20), 'big')).rejects.toMatchObject({
    code: 'too_large',
  });
  await here.append('dl.run.r1.data.a', new Uint8Array(1500), 'a');
  await expect(here.append('dl.run.r1.data.a', new Uint8Array(1500), 'b')).rejects.toMatchObject({
    code: 'full',
  });
  await here.deleteStream(SPEC.name);
  await here.deleteStream(SPEC.name);
});

test('signs of life expire, and are heard by whoever listens', async (context) => {
  const { open } = await world(context);
  const [here, there] = [await open(), await open()];
  const beats = await here.openBeats('dl-beats', 1000);
  const heard: string[] = [];
  await (await there.openBeats('dl-beats', 1000)).watch(
    (key, value) => void heard.push(`${key} ${text(value)}`),
  );
  await vi.waitFor(async () => {
    await beats.put('box.a', bytes('1'));
    expect(heard).toContain('box.a 1');
  });
  expect([...(await beats.all()).keys()]).toEqual(['box.a']);
  await vi.waitFor(async () => expect([...(await beats.all()).keys()]).toEqual([]), { timeout: 5000 });
});

test('a wrong password is refused at once, in words without one', async (context) => {
  const { broker } = await world(context);
  const url = broker.url().replace('p0rridge', 'wr0ng');
  const failed = openNatsLink({ url, name: 'test', patienceMs: 60_000 });
  await expect(failed).rejects.toMatchObject({
    code: 'refused',
    message: expect.not.stringContaining('wr0ng'),
  });
  expect(plainUrl('nats://a:b@h:1,nats://a:b@i:2')).toBe('nats://h:1,nats://i:2');
});

test('an address is shown without its password, whatever stands in it', () => {
  for (const secret of ['u:p0rridge', 'u:p@ss', 'u:p@s:s@w'])
    expect(plainUrl(`nats://${secret}@h:1,tls://${secret}@h2:2`)).toBe('nats://h:1,tls://h2:2');
});
