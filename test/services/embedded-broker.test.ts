import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, type TestContext, test, vi } from 'vitest';
import { brokerConf, freshUser } from '../../src/cluster/broker-conf.js';
import { type BrokerOptions, startEmbeddedBroker } from '../../src/cluster/embedded-broker.js';
import type { Link } from '../../src/cluster/link.js';
import { type NatsAddress, openNatsLink, plainUrl } from '../../src/cluster/nats-link.js';
import { BEATS_BUCKET, beatKey, HELLO_SUBJECT, headKey, runNames } from '../../src/cluster/wire-names.js';
import { needs } from './available.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const BOUNDS = { maxBytes: 2 ** 20, maxAgeMs: 3_600_000 };

async function start(context: TestContext, options: BrokerOptions = {}) {
  needs(context, 'nats');
  const broker = await startEmbeddedBroker(options);
  onTestFinished(() => broker.close());
  return broker;
}

async function open(url: string, more: Partial<NatsAddress> = {}): Promise<Link> {
  const link = await openNatsLink({ url, name: 'test', patienceMs: 0, ...more });
  onTestFinished(() => link.close());
  return link;
}

test('a broker of the run lets an agent say what an agent has to say', async (context) => {
  const broker = await start(context);
  const [head, agent] = [await open(broker.url), await open(broker.agentUrl)];
  const names = runNames('r1');
  await head.openStream({ name: names.orders, subjects: [names.allOrders], ...BOUNDS });
  await head.openStream({ name: names.data, subjects: [names.allData], ...BOUNDS });
  const got: string[] = [];
  await head.read({ stream: names.data }, ({ payload }) => void got.push(text(payload)));
  await agent.read(
    { stream: names.orders, subject: names.ordersTo('a'), durable: 'a-e1' },
    ({ payload }) => void got.push(text(payload)),
  );
  await head.append(names.ordersTo('a'), bytes('order'), 'o:1');
  await agent.append(names.dataOf('a'), bytes('record'), 'a:1');
  head.serve(names.clock, () => bytes('12:00'));
  agent.serve(HELLO_SUBJECT, () => bytes('here'));
  const heard: string[] = [];
  const [ofHead, ofAgent] = [
    await head.openBeats(BEATS_BUCKET, 2000),
    await agent.openBeats(BEATS_BUCKET, 2000),
  ];
  await ofHead.watch((key) => void heard.push(`head hears ${key}`));
  await ofAgent.watch((key) => void heard.push(`agent hears ${key}`));
  await ofHead.put(headKey('r1'), bytes('1'));
  await ofAgent.put(beatKey('a'), bytes('1'));
  expect(text(await agent.ask(names.clock, bytes(''), 2000))).toBe('12:00');
  expect((await head.askAll(HELLO_SUBJECT, bytes(''), 2000, 1)).map(text)).toEqual(['here']);
  expect((await agent.askAll(HELLO_SUBJECT, bytes(''), 2000, 1)).map(text)).toEqual(['here']);
  await vi.waitFor(() => expect(got.sort()).toEqual(['order', 'record']));
  await vi.waitFor(() =>
    expect(new Set(heard)).toEqual(
      new Set(['head', 'agent'].flatMap((who) => ['head.r1', 'box.a'].map((key) => `${who} hears ${key}`))),
    ),
  );
});

test('an agent gives no orders, no sign of the coordinator, and deletes nothing', async (context) => {
  const broker = await start(context);
  const [head, agent] = [await open(broker.url), await open(broker.agentUrl)];
  const names = runNames('r1');
  const spec = { name: names.orders, subjects: [names.allOrders], ...BOUNDS };
  await head.openStream(spec);
  const beats = await agent.openBeats(BEATS_BUCKET, 2000);
  const heard: string[] = [];
  await (await head.openBeats(BEATS_BUCKET, 2000)).watch((key) => void heard.push(key));
  head.serve('dl.box.b', () => bytes('taken'));
  const refused = { code: 'refused' };
  await Promise.all([
    expect(agent.append(names.ordersTo('b'), bytes('leave'), '1')).rejects.toMatchObject(refused),
    expect(agent.ask('dl.box.b', bytes('drop'), 3000)).rejects.toMatchObject(refused),
    expect(beats.put(headKey('r1'), bytes('1'))).rejects.toMatchObject(refused),
    expect(agent.openStream({ ...spec, name: 'other', subjects: ['x'] })).rejects.toMatchObject(refused),
    expect(agent.deleteStream(names.orders)).rejects.toMatchObject(refused),
  ]);
  await beats.put(beatKey('b'), bytes('1'));
  await vi.waitFor(() => expect(heard).toEqual(['box.b']));
  expect(await head.append(names.ordersTo('b'), bytes('start'), '1')).toEqual({ isDuplicate: false });
});

test('whoever has no password, or the one of another run, is refused; its words and files keep the secret', async (context) => {
  const broker = await start(context);
  const other = await start(context);
  const { password } = new URL(other.agentUrl);
  const strange = broker.agentUrl.replace(new URL(broker.agentUrl).password, password);
  for (const url of [plainUrl(broker.url), strange])
    await expect(open(url)).rejects.toMatchObject({
      code: 'refused',
      message: expect.not.stringContaining(password),
    });
  expect(statSync(broker.agentFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(broker.agentFile, 'utf8').trim()).toBe(broker.agentUrl);
  expect(broker.place).toBe(`nats://127.0.0.1:${broker.port}`);
  expect(broker.clear).toBe(false);
  expect(broker.url).toMatch(/@127\.0\.0\.1:/);
  await broker.close();
  await expect(open(broker.url)).rejects.toMatchObject({ code: 'closed' });
  expect(existsSync(dirname(broker.agentFile))).toBe(false);
});

test('a broker on all addresses is named to other boxes by the name of this machine', async (context) => {
  const broker = await start(context, { host: '0.0.0.0' });
  expect(new URL(broker.agentUrl).hostname).toBe(hostname().toLowerCase());
  expect(new URL(broker.url).hostname).toBe('127.0.0.1');
  expect(broker.clear).toBe(true);
});

test('a port that is taken, and a server that is missing or too old, are said', async (context) => {
  const broker = await start(context);
  const dir = mkdtempSync(join(tmpdir(), 'dorami-brokers-'));
  const taken = { port: broker.port, dir };
  await expect(startEmbeddedBroker(taken)).rejects.toThrow(/address already in use/);
  const path = process.env.PATH;
  const folder = mkdtempSync(join(tmpdir(), 'dorami-path-'));
  process.env.PATH = folder;
  try {
    await expect(startEmbeddedBroker()).rejects.toThrow('apt-get install nats-server');
    writeFileSync(join(folder, 'nats-server'), '#!/bin/sh\necho "nats-server: v2.8.4"\n', { mode: 0o755 });
    await expect(startEmbeddedBroker()).rejects.toThrow('v2.8.4 is too old: 2.9 or later');
    // Its folder goes before its words are here: they are said all the same.
    const dies =
      '#!/bin/sh\ncase $1 in -c) echo "[FTL] no such luck" >&2; exit 3;; esac\necho "nats-server: v2.9.10"\n';
    writeFileSync(join(folder, 'nats-server'), dies, { mode: 0o755 });
    process.env.PATH = `${folder}:${path}`;
    for (let turn = 0; turn < 8; turn++)
      await expect(startEmbeddedBroker({ dir })).rejects.toThrow(/ended with 3 \(\[FTL\] no such luck\)/);
    expect(readdirSync(dir)).toEqual([]);
  } finally {
    process.env.PATH = path;
  }
});

test('a broker whose run is killed by kill -9 goes too, and so do its passwords; Ctrl-C is not for it', async (context) => {
  needs(context, 'nats');
  const module = pathToFileURL('dist/cluster/embedded-broker.js').href;
  const script = `const { startEmbeddedBroker } = await import(${JSON.stringify(module)});
    const { agentFile, url } = await startEmbeddedBroker();
    process.on('SIGINT', () => {});
    console.log(JSON.stringify({ agentFile, url }));
    setInterval(() => {}, 1000);`;
  const run = spawn(process.execPath, ['--input-type=module', '-e', script], {
    ...{ stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  });
  onTestFinished(() => void run.kill('SIGKILL'));
  const early = once(run, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
  early.catch(() => {});
  const [line] = (await Promise.race([once(run.stdout, 'data'), early])) as [Buffer];
  const { agentFile, url } = JSON.parse(line.toString()) as { agentFile: string; url: string };
  // As a terminal does: to the whole group.
  process.kill(-(run.pid ?? 0), 'SIGINT');
  const link = await open(url);
  const downs: boolean[] = [];
  link.onUp((isUp) => downs.push(isUp));
  await link.openStream({ name: 's', subjects: ['s'], ...BOUNDS });
  expect(downs).toEqual([]);
  run.kill('SIGKILL');
  await vi.waitFor(() => expect(existsSync(dirname(agentFile))).toBe(false), { timeout: 10_000 });
  await expect(open(url)).rejects.toMatchObject({ code: 'closed' });
});

test('over TLS: only with a certificate of the CA; and nothing is said to a server that has none', async (context) => {
  const files = certificates();
  const { certFile, keyFile, caFile } = files;
  const broker = await start(context, { tls: { certFile, keyFile } });
  expect(broker.url).toMatch(/^tls:/);
  await expect(open(broker.url)).rejects.toMatchObject({
    message: expect.stringMatching(/certificate(?!.*--nats-cert)/),
  });
  const link = await open(broker.agentUrl, { tls: { caFile } });
  expect(link.isUp).toBe(true);
  const mutual = await start(context, { tls: files });
  await expect(open(mutual.url, { tls: { caFile } })).rejects.toMatchObject({
    message: expect.stringMatching(/it may want a certificate of ours: --nats-cert and --nats-key/),
  });
  expect((await open(mutual.url, { tls: files })).isUp).toBe(true);
  const plain = await start(context);
  await expect(open(plain.url.replace('nats:', 'tls:'))).rejects.toThrow(/tls(?!.*--nats-cert)/i);
});

/** A CA of our own, and a certificate of it for this machine. */
function certificates() {
  const folder = mkdtempSync(join(tmpdir(), 'dorami-tls-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=test CA',
    '-days',
    '2',
  );
  openssl('req', ...key, '-keyout', 'box.key', '-out', 'box.csr', '-subj', '/CN=127.0.0.1');
  writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1\n');
  openssl(
    ...['x509', '-req', '-in', 'box.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', 'box.pem', '-days', '2', '-extfile', 'ext'],
  );
  return { certFile: at('box.pem'), keyFile: at('box.key'), caFile: at('ca.pem') };
}

test('a configuration holds nothing that a name could break out of', () => {
  const conf = brokerConf({
    ...{ host: '127.0.0.1', port: 0, storeDir: '/tmp/a "b" }', maxStoreBytes: 1 },
    ...{ head: freshUser('coordinator'), agent: freshUser('agent') },
  });
  expect(conf).toContain('store_dir: "/tmp/a \\"b\\" }"');
  expect(freshUser('a').password).not.toBe(freshUser('a').password);
});
