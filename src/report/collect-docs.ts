import { FIELDS } from '../collect/fields.js';
import { NAMED_FORMATS } from '../collect/nginx-format.js';

const ABOUT = `\`dorami-load collect --config FILE\` asks the platform's own parts every 5 s and appends what they say to
\`system.ndjson\`, one line of JSON each time, so that what viewers saw can be laid beside what the machines did.

**Configuration.** YAML or JSON; every part can be left out, one source must be there
(\`schema/collect-config.schema.json\`, all problems are told at once):

\`\`\`yaml
interval: 5s
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
backend:
  health: http://127.0.0.1:3001/api/health/ready
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
  - name: monitoring
    url: http://127.0.0.1:3001/api/admin/monitoring
    cookie-env: ADMIN_COOKIE      # the name of a variable, never the cookie itself
    values: { heap_used: data.memory.heapUsed }
prometheus:                       # metrics by name, a * at the end stands for any
  - { name: node, url: "http://127.0.0.1:9100/metrics", metrics: ["node_load1", "node_network_*"] }
\`\`\`

Sources are asked over loopback; any other host needs \`--allow-target\`. Nothing is changed on them.

**A field that is not there is not known; zero is always a measured zero.** Each source has a deadline of its own (4 s, or
80 % of a shorter interval). One that fails, is late or hangs is named in \`gaps\` with the reason, and the others stand in the
line all the same. What a source or the configuration can never tell is named in \`absent\` with the reason.

**Counts and rates** are made of what has grown since the last good reading of that source; \`spans_ms\` says how long ago that
was, so that the line after a gap is read rightly: it holds what a late look has counted, too. A source whose cumulative numbers began anew is in \`restarted\`, and has no
counts in that line: what was counted before its restart is not known. The first line has no counts.

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
  process: 'by name of the configuration; what the strategy calls `docker`, for processes and control groups',
  nginx: 'access log and stub_status',
  srs: 'HTTP API and log',
  backend: 'health endpoint',
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
