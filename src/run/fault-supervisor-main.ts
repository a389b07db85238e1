/**
 * A process of its own beside a run that breaks things outside of itself: `node fault-supervisor-main.js EVENTS START`,
 * orders on stdin (`SupervisorMessage`, a line each). When its stdin ends, because the run has ended or was killed,
 * it carries out what is still armed, adds what came of it to the run's events.ndjson, and ends. What has a time is
 * carried out then, although the run is there: one that hangs or was stopped mends nothing.
 */
import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createRedact } from '../redact.js';
import { ArmedUndos, carryOutUndo, type Undo } from './fault-undo.js';

const [eventsPath, startEpochMs] = process.argv.slice(2);
const armed = new ArmedUndos();
const redact = createRedact([]);
/** What is being carried out. */
const busy = new Set<Promise<void>>();
// A terminal that closes, or a Ctrl-C that reaches everybody, must not keep it from mending.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function mend(name: string, undo: Undo): Promise<void> {
  const { ok, detail } = await carryOutUndo(undo);
  const atMs = Math.round(Date.now() - Number(startEpochMs));
  const event = { kind: 'fault_undone', atMs, name, ok, detail: redact(detail) };
  // The run may have been killed within a line.
  if (eventsPath !== undefined) await appendFile(eventsPath, `\n${JSON.stringify(event)}\n`).catch(() => {});
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = armed.take(line);
  if (message?.what !== 'arm' || message.withinMs === undefined) continue;
  const { name, undo } = message;
  const timer = setTimeout(() => {
    // A fault of the same name that was armed since is another one.
    const due = armed.rest().some(([one, its]) => one === name && its === undo) ? armed.due(name) : undefined;
    if (due === undefined) return;
    const mending = mend(name, due);
    busy.add(mending);
    void mending.then(() => busy.delete(mending));
  }, message.withinMs);
  timer.unref();
}

await Promise.all(busy);
for (const [name, undo] of armed.rest()) await mend(name, undo);
