import { Manager } from 'socket.io-client';
import type { ReportedEvent } from '../../src/events.js';
import { createAllowList } from '../../src/net/allow-list.js';
import { createSocketHub } from '../../src/net/socket-hub.js';
import type { Player } from '../../src/players/player.js';
import { createRng } from '../../src/rng.js';
import { createAgenda } from '../../src/scenarios/agenda.js';
import type { Http } from '../../src/seams.js';
import { createClock } from '../../src/seams-node.js';
import { createLagLog } from '../../src/stats/lag.js';
import { createRecorder } from '../../src/stats/recorder.js';
import type { ViewerIdentity } from '../../src/target.js';
import { createChatMessages } from '../../src/virtual-user/chat-messages.js';
import { createVirtualUser } from '../../src/virtual-user/virtual-user.js';
import { createRoster } from '../../src/worker/roster.js';
import type { FanoutJob, FanoutResult } from './fanout-job.js';

/**
 * The receiving side of the chat in a process of its own: viewers without a player, each with its connection and
 * three namespaces, write and receive; or the bare client library does.
 */
const job = JSON.parse(process.argv[2] ?? '') as FanoutJob;
const identities = (await (await fetch(`${job.usersUrl}?count=${job.viewers}`)).json()) as ViewerIdentity[];
const JOIN_SPREAD_MS = 6000;

interface Room {
  deliveries(): number;
  sent(): number;
}

const NO_PLAYER: Player = {
  protocol: 'flv',
  watching: false,
  rebuffering: false,
  frozen: false,
  start: () => {},
  stop: () => {},
  sample: () => {},
};
const NO_HTTP: Http = {
  stream: () => () => {},
  text: async () => ({ kind: 'failure', startedAtMs: 0, end: { kind: 'aborted', atMs: 0 } }),
  close: () => {},
};

function ourViewers(): Room {
  const clock = createClock(Date.now());
  const hub = createSocketHub({ clock, allowList: createAllowList([]) });
  const recorder = createRecorder({ phaseAt: () => 'hold', lag: createLagLog(), box: 'local', worker: 0 });
  const counts = new Int32Array(new SharedArrayBuffer(4));
  const messages = createChatMessages('bench');
  let deliveries = 0;
  let sent = 0;
  const report = (event: ReportedEvent): void => {
    const { kind } = event.event;
    if (kind === 'chat_delivered' || kind === 'chat_echo') deliveries++;
    else if (kind === 'chat_sent') sent++;
    recorder.on(event);
  };
  identities.forEach((identity, vuId) => {
    const rng = createRng(1, vuId);
    const joinAtMs = (vuId * JOIN_SPREAD_MS) / identities.length;
    const viewer = createVirtualUser({
      vuId,
      identity,
      target: job.target,
      clock,
      rng,
      http: NO_HTTP,
      hub,
      createPlayer: () => NO_PLAYER,
      roster: createRoster(counts, 0),
      agenda: createAgenda({ rng, joinAtMs, rates: { chatEveryMs: job.chatEveryMs } }),
      messages,
      behaviour: 'strategy',
      tokens: { rng: createRng(1, `tokens ${vuId}`) },
      writes: { chat: true, cart: false, orders: false },
      userAgent: 'bench',
      report,
      onInternalError: (error) => {
        throw error;
      },
    });
    clock.after(joinAtMs, () => viewer.start());
  });
  setInterval(() => recorder.takeTick(clock.nowMs()), 1000);
  return { deliveries: () => deliveries, sent: () => sent };
}

function plainClients(): Room {
  let deliveries = 0;
  let sent = 0;
  let delaySumMs = 0;
  const { streamKey, socketUrl } = job.target;
  identities.forEach(({ accessToken }, index) => {
    const manager = new Manager(socketUrl, {
      transports: ['websocket'],
      autoConnect: false,
      extraHeaders: { cookie: `accessToken=${accessToken}` },
    });
    const root = manager.socket('/');
    root.on('connected', () => root.emit('join:stream', { streamId: streamKey }));
    const streaming = manager.socket('/streaming');
    streaming.on('connection:success', () => streaming.emit('stream:viewer:join', { streamKey }));
    const chat = manager.socket('/chat');
    chat.on('connection:success', () => chat.emit('chat:join-room', { liveId: streamKey }));
    chat.on('chat:message', (payload: { data: { clientMessageId: string } }) => {
      deliveries++;
      delaySumMs += Date.now() - Number(payload.data.clientMessageId);
    });
    const rng = createRng(1, index);
    const write = (): void => {
      const clientMessageId = String(Date.now());
      chat.emit('chat:send-message', {
        liveId: streamKey,
        message: 'a message of a viewer',
        clientMessageId,
      });
      sent++;
      setTimeout(write, job.chatEveryMs * (0.5 + rng.next()));
    };
    setTimeout(
      () => {
        for (const socket of [root, chat, streaming]) socket.connect();
        setTimeout(write, 3000 + job.chatEveryMs * rng.next());
      },
      (index * JOIN_SPREAD_MS) / identities.length,
    );
  });
  process.once('exit', () => {
    if (delaySumMs < 0) process.exitCode = 1;
  });
  return { deliveries: () => deliveries, sent: () => sent };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const room = job.mode === 'ours' ? ourViewers() : plainClients();
await sleep(JOIN_SPREAD_MS + job.settleSeconds * 1000);
const cpu = process.cpuUsage();
const before = { deliveries: room.deliveries(), sent: room.sent(), atMs: performance.now() };
await sleep(job.seconds * 1000);
const spent = process.cpuUsage(cpu);
const seconds = (performance.now() - before.atMs) / 1000;
const result: FanoutResult = {
  cpuMsPerSecond: (spent.user + spent.system) / 1000 / seconds,
  deliveriesPerS: (room.deliveries() - before.deliveries) / seconds,
  sentPerS: (room.sent() - before.sent) / seconds,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
