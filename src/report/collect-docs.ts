import { FIELDS } from '../collect/fields.js';
import { NAMED_FORMATS } from '../collect/nginx-format.js';

const ABOUT = `\`dorami-load collect --config FILE\` asks the platform's own parts every 5 s and appends what they say to
\`system.ndjson\`, one line of JSON each time, so that what viewers saw can be laid beside what the machines did.

**Configuration.** YAML or JSON; every part can be left out, one source must be there
(\`schema/collect-config.schema.json\`, all problems are told at once):

\`\`\`yaml
interval: 5s
docker:
  host: unix:///var/run/docker.sock   # absent: DOCKER_HOST, else this
  containers:                     # by their names; without a name of your own each has its own
    - { name: srs, match: "^live-commerce-srs$" }
  project: dorami                 # and all of a project of docker compose, by service
host: true                        # this machine is the platform's: CPU, memory, swap, sockets
generator: true                   # this machine is one that the load comes from: the same of it
processes:                        # of this machine; exactly one of match, pid, cgroup
  - { name: nginx, match: "^nginx: " }
  - { name: srs, pid: 4711 }
  - { name: redis, cgroup: system.slice/redis-server.service }
nginx:
  access-log: /var/log/nginx/access.log
  format: timed                   # or combined, main, or the log_format itself
  status: http://127.0.0.1/nginx_status
srs:
  api: http://127.0.0.1:1985
  log: /usr/local/srs/objs/srs.log
  bitrate: { min-kbps: 500, max-kbps: 6000 }
backend:
  health: http://127.0.0.1:3001/api/health/ready
  monitoring:
    url: http://127.0.0.1:3001/api/admin/monitoring
    cookie-env: ADMIN_COOKIE      # the name of a variable, never the cookie itself
    fields:                       # where the answer has them; look at yours, these paths are only an example
      heap_used_mb: { at: data.memory.heapUsed, unit: bytes }
      event_loop_lag_ms: { at: data.eventLoopLag, unit: ms }
redis:
  url: redis://127.0.0.1:6379     # rediss: for TLS
  password-env: REDIS_PASSWORD    # the name of a variable, never the password itself; username: beside it
  stream: live-key                # the set stream:{stream}:viewer_ids; another name by viewers-key
  live: live-id                   # the list chat:{live}:history; another name by chat-key
postgres:
  url: postgresql://monitor@127.0.0.1:5432/live_commerce
  password-env: PG_PASSWORD
  tls: true                       # absent: none
  pool-limit: 30                  # of the platform's own pool
json:                             # numbers of any answer in JSON
  - name: queue
    url: http://127.0.0.1:3001/api/queue
    token-env: QUEUE_TOKEN
    values: { waiting: data.waiting }
prometheus:                       # metrics by name, a * at the end stands for any
  - { name: node, url: "http://127.0.0.1:9100/metrics", metrics: ["node_load1", "node_network_*"] }
\`\`\`

Sources are asked over loopback; any other host needs \`--allow-target\`. Nothing is changed on them.

**A field that is not there is not known; zero is always a measured zero.** Each source has a deadline of its own (4 s, or
80 % of a shorter interval). One that fails, is late or hangs is named in \`gaps\` with the reason, and the others stand in the
line all the same. What a source or the configuration can never tell is named in \`absent\` with the reason.

**Counts and rates** are made of what has grown since the last good reading of that source; \`spans_ms\` says how long ago that
was, so that the line after a gap is read rightly: it holds what a late look has counted, too. A source whose cumulative numbers began anew is in \`restarted\`, and has no
counts in that line: what was counted before its restart is not known. The first line has no counts. Over a span of less than
0.5 s (the last line of a run may come a moment after the one before) counts stand as they are, and what is per time (CPU, rates,
\`:per_s\`) is absent with the reason: it would be of single events.

**Docker** is asked over its socket for the list of containers, for an inspection of each, and for the stream of stats of each
that runs; nothing is changed. Reading the socket is a right like root's: give it to whom you would give that. A container
that does not run is a gap with its state and exit code, and one that has gone stays a gap by its name: neither is a CPU
of zero. In the first line of a container, and after each restart, CPU and rates are not known yet. \`restarts\` counts what
the engine restarted, what was restarted by hand, and a new container in the place of the old. Where no Docker is, \`process\`
is the same for processes and control groups.

**This machine** is \`host\` when it is the platform's and \`generator\` when the load comes from it: with both on one machine,
what one does to the other is in both. In a container the kernel's files are those of the whole machine. Within a run
\`generator\` is there without being named (\`generator: false\` leaves it out), together with what only the run knows of itself: its workers'
event loops, CPU, memory and viewers, all of the time since the line before, so that no bad second falls between two lines.

**The backend's monitoring** answers as its version does, and that is laid down nowhere: each field is read where the
configuration says, and one that it does not name is absent. \`websocket\` (connections by namespace, chat messages) is in no
answer of the platform, and is never filled from our own counts.

**Cost.** With every source at once (eight containers, nginx with 200 lines a second, SRS with 500 clients, backend, Redis,
PostgreSQL, 110 metrics of a Prometheus page, this machine twice) the collector took 0.9 % of a core over 65 s (2026-11-23, 2 shared cores,
Intel Xeon, Node 20, busy with other work), and 1.6 % with 1000 clients and 1000 lines a second; \`node dist-bench/bench/collect.js\` measures it anew (bench/README.md).

**Size.** A line with eight containers and every field of every source is below 40 kB; six hours of them are below
200 MB. No line is longer than 110 kB, which is 475 MB in six hours: of one that would be, metrics, then processes, then containers are
left out as gaps.

**The access log** is followed from its end, across a rotation by rename and one by copy and cut; what nginx wrote between the
last look and such a cut is lost, and \`nginx.log\` then stands in \`restarted\`. With \`access_log ... buffer=\` lines come later
than they happened. Media and Socket.IO lines take as long as a viewer stays: they are counted by themselves and are not in
\`rt\`, \`uct\` and \`urt\`. Where several servers were tried, their times are added.

**SRS's log.** At the level \`warn\` SRS does not write every line that is looked for: while no line below that level was seen, a
kind of line that never came is absent and not zero.

**Redis** is asked for \`INFO\`, \`SCARD\` and \`LLEN\` in one go, and for nothing whose cost grows with what is stored. What
the look itself adds to hits, misses, commands and errors is taken off. A key that is not there counts as empty, as the
platform itself counts it: a name that is wrong looks the same. A ratio of fragmentation says nothing while Redis uses
less than some dozen MB.

**PostgreSQL** is asked by one connection (\`application_name\` \`dorami-load\`) whose session can only read, whose
statements end after 3 s and wait 1 s for a lock; the URL leads straight to the server, since a pooler's sessions are
not its own. The role needs \`pg_monitor\`: without it the state of other roles' sessions is hidden, and then everything
that is made of it is absent. PostgreSQL counts late: a session tells its transactions, blocks and deadlocks within 1 s
when it is busy and up to 10 s later when it then does nothing (before PostgreSQL 15: when it next does something), so that they
stand in one of the next lines. Statistics that were reset, by hand or by a crash, are a restart.

**Metrics of endpoints** (\`json\`, \`prometheus\`) stand below \`metrics\` by the names of the configuration. Cumulative metrics of a
Prometheus page are there as growth per second, with \`:per_s\` behind the name.`;

const SECTION_WORDS = {
  docker: 'containers, by name of the configuration, of the service or of their own',
  process: 'by name of the configuration: the same for processes and control groups',
  host: "this machine, when it is the platform's",
  generator: 'this machine, when the load comes from it',
  nginx: 'access log and stub_status',
  srs: 'HTTP API and log',
  backend: 'health and monitoring endpoint',
  redis: "INFO and two of the platform's keys",
  postgres: 'statistics of the server, for all of its databases',
} as const;

/** docs/collect.md, printed from the table of fields. */
export function collectDoc(
  printed: string,
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const sections = Object.entries(FIELDS).map(([name, fields]) => {
    const rows = Object.entries(fields).map(([field, { unit, source, meaning }]) => [
      `\`${field}\``,
      unit,
      `\`${source}\``,
      meaning,
    ]);
    const words = SECTION_WORDS[name as keyof typeof SECTION_WORDS];
    return `### \`${name}\`: ${words}\n\n${table(['field', 'unit', 'source', 'meaning'], rows)}`;
  });
  const formats = Object.entries(NAMED_FORMATS).map(([name, text]) => [`\`${name}\``, `\`${text}\``]);
  return `# Metrics of the platform

${printed}

${ABOUT}

## Log formats by name

${table(['name', 'log_format'], formats)}

## Fields

Beside the sections a line has \`timestamp\`, \`interval_ms\`, \`spans_ms\`, \`gaps\`, \`restarted\` and \`absent\`;
\`schema/system.schema.json\` is the same as a JSON Schema of one line.

${sections.join('\n\n')}
`;
}
