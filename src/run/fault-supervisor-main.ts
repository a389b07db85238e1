/**
 * A process of its own beside a run that breaks things with commands: `node fault-supervisor-main.js EVENTS START`,
 * orders on stdin (`SupervisorMessage`, a line each). When its stdin ends, because the run has ended or was killed,
 * it carries out what is still armed, adds what came of it to the run's events.ndjson, and ends.
 */
import { appendFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createRedact } from '../redact.js';
import { ArmedUndos, carryOutUndo } from './fault-undo.js';

const [eventsPath, startEpochMs] = process.argv.slice(2);
const armed = new ArmedUndos();
// A terminal that closes, or a Ctrl-C that reaches everybody, must not keep it from mending.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) armed.take(line);

const redact = createRedact([]);
for (const [name, undo] of armed.rest()) {
  const { ok, detail } = await carryOutUndo(undo);
  const atMs = Math.round(Date.now() - Number(startEpochMs));
  const event = { kind: 'fault_undone', atMs, name, ok, detail: redact(detail) };
  // The run may have been killed within a line.
  if (eventsPath !== undefined) await appendFile(eventsPath, `\n${JSON.stringify(event)}\n`).catch(() => {});
}
