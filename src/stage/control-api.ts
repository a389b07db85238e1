/**
 * The control API, on the platform's port and, for callers who must not share it, on one of its own. No fault
 * reaches it. JSON in and out:
 *
 *   GET    /__stage/counts              what was served so far
 *   GET    /__stage/users?count=N       users 0 to N-1 with fresh tokens
 *   GET    /__stage/faults              planted faults and when they really began and ended
 *   POST   /__stage/faults              {kind, seconds?, atSeconds?, ...parameters}
 *   DELETE /__stage/faults[/{kind}]     end them (`all` or nothing: every kind; a number: the one with that id)
 *   POST   /__stage/products            {id, stock}
 *   GET    /__stage/clock               the clock that pictures are stamped with, as `--capture-clock` wants it
 *   GET    /__stage/health
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { clockAnswer } from '../clock/clock-answer.js';
import { ConfigError } from '../errors.js';
import type { Accounts } from './accounts.js';
import type { StageCounts } from './counts.js';
import type { FaultBoard } from './fault-board.js';
import { FAULTS, isFaultKind, toFaultSpec } from './fault-spec.js';
import { type Shop, ShopRefusal } from './shop.js';
import type { StageClock } from './stage-clock.js';

export interface ControlWorld {
  readonly accounts: Accounts;
  readonly faults: FaultBoard;
  readonly shop: Shop;
  readonly counts: () => StageCounts;
  readonly clock: Pick<StageClock, 'epochMs'>;
}

const MAX_BODY_BYTES = 100_000;
const MAX_USERS = 100_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Answers requests below `/__stage`; whoever calls it first keeps it out of reach of every planted fault. */
export function controlHandler(
  world: ControlWorld,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    handle(world, request).then(
      (answer) => write(response, answer),
      (cause: unknown) => write(response, failure(cause)),
    );
  };
}

async function handle(world: ControlWorld, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://stage');
  const [, prefix, what, rest] = url.pathname.split('/');
  const body = await readJson(request);
  const route = prefix === '__stage' ? `${request.method} ${what}` : '';
  switch (route) {
    case 'GET counts':
      return { status: 200, body: world.counts() };
    case 'GET users':
      return users(world, url);
    case 'GET faults':
      return { status: 200, body: { kinds: FAULTS, faults: world.faults.records } };
    case 'POST faults':
      return { status: 201, body: world.faults.plant(toFaultSpec(normalise(body))) };
    case 'DELETE faults':
      return lift(world, rest);
    case 'POST products':
      return { status: 200, body: world.shop.setStock(String(body.id), Number(body.stock)) };
    case 'GET clock':
      return { status: 200, body: clockAnswer(world.clock.epochMs()) };
    case 'GET health':
      return { status: 200, body: { status: 'ok' } };
    default:
      return { status: 404, body: { message: `no ${request.method} ${url.pathname}` } };
  }
}

/** `seconds` is the short name of `forSeconds`, but for a leap of time, whose size it is. */
function normalise(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { seconds, ...rest } = body;
  if (seconds === undefined) return rest;
  return body.kind === 'jump' ? { ...body } : { forSeconds: seconds, ...rest };
}

function users(world: ControlWorld, url: URL): Answer {
  const count = Number(url.searchParams.get('count') ?? 1);
  if (!Number.isInteger(count) || count < 1 || count > MAX_USERS) {
    return { status: 400, body: { message: `count must be 1 to ${MAX_USERS}` } };
  }
  return { status: 200, body: world.accounts.rows(count) };
}

function lift(world: ControlWorld, kind: string | undefined): Answer {
  if (kind !== undefined && /^\d{1,9}$/.test(kind)) {
    return { status: 200, body: { ended: world.faults.lift(Number(kind)) } };
  }
  if (kind === undefined || kind === '' || kind === 'all') {
    return { status: 200, body: { ended: world.faults.lift() } };
  }
  if (!isFaultKind(kind)) return { status: 404, body: { message: `no fault ${kind}` } };
  return { status: 200, body: { ended: world.faults.lift(kind) } };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) throw new ConfigError([{ path: 'body', problem: 'too long' }]);
  }
  if (text === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return body as Record<string, unknown>;
  } catch {
    // Falls through to the same answer as for any other body that is no object.
  }
  throw new ConfigError([{ path: 'body', problem: 'no JSON object' }]);
}

function failure(cause: unknown): Answer {
  const ours = cause instanceof ConfigError || cause instanceof ShopRefusal;
  return { status: ours ? 400 : 500, body: { message: String((cause as Error).message) } };
}

function write(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answer.body));
}
