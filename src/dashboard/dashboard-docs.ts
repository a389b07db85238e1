import { METRICS } from '../stats/metrics.js';
import {
  BUCKETS_S,
  COUNTERS,
  GATE_GAUGE,
  GAUGES,
  HEALTH_GAUGE,
  HISTOGRAMS,
  INFO_GAUGE,
  PREFIX,
  promLabels,
  promName,
  STATE_GAUGES,
} from './metric-table.js';

const ABOUT = `\`dorami-load --dashboard [PORT]\` shows a run while it goes, \`dorami-load dashboard DIR\` one that ended, was killed or
still goes, from its folder: at http://127.0.0.1:9090 unless another port is said. It is one page that loads nothing from
anywhere else; the numbers come once a second.

| panel | what it shows |
| --- | --- |
| System | CPU and memory of each container or process, with the strategy's thresholds (3.2); sources that say nothing, and why |
| Streaming | viewers, rebuffering, frozen pictures, first frame, delay; what SRS says |
| API | calls, failures, percentiles; what nginx, the backend and PostgreSQL say |
| WebSocket | connections, ready namespaces each (\`/\`, \`/chat\`, \`/streaming\`) as our viewers hold them, chat; what nginx and Redis say |
| Generator | whether what is measured can be believed, and its machine |
| Alerts | the newest 100, those that still hold first |
| Last 5 minutes | CPU, memory, connections, viewers, delays, requests; phases shaded, faults marked. Of a finished run all of it |
| Gate so far | the rows as the gate would judge them now, failing ones first; judged every 5 s, and more seldom where that takes more than 2 % of the time |

What the platform says needs \`--collect FILE\` (docs/collect.md). Without it those panels say so. A value that is not known is a dash with its
reason; it is never a zero. A line of the collector that is older than two and a half intervals is not shown as of now.
Colours of what the platform says go by its alerts (docs/alerts.md), also where the file of sources gives another bound or \`off\`: a critical
one is red, a warning yellow, as soon as one line crosses it.

**A run that is paused** (\`dorami-load ctl pause\`) says so, since when, and names no time that is left: the viewers stay, and the plan waits.

**What it costs** cannot be seen: 20 viewers took 8.7 % of a core (8.6 to 8.8) with \`--dashboard\` and one tab open, and 8.8 % (8.7 to
9.0) without, over 25 s of the hold, three runs each in turn on 2 shared cores (2026-11-23). The browser is a program of its own: on a machine
that has nothing to spare look from another one.

**When the connection drops** the page says so, greys out and tries again every 2 s; all of what it missed comes with the new
connection. **When the run ends** the verdict stands in its head, and the numbers are those of the end. The run does not wait for pages:
its port closes with it.

**Safety.** It listens on 127.0.0.1 alone, answers GET and nothing else, and only to the names 127.0.0.1, localhost and [::1] (DNS
rebinding); other sites' pages are refused. Nothing secret is on it: the stream key and whatever looks like a token are masked. At most 16 pages are served; one that
does not read gets the newest state when it does, and is dropped after 15 s. To look from another machine: \`ssh -L 9090:127.0.0.1:9090 BOX\`.

## Prometheus

\`/metrics\` has what the viewers see, in the text format; what the platform says of itself is not repeated there: its own exporters
tell it. [docs/grafana/dorami-load.json](grafana/dorami-load.json) is a dashboard of these metrics for Grafana 10 and later (Dashboards, New,
Import). Spans are seconds. Histograms are the run's own, merged over all workers and put into buckets, exact to 0.1 % at their ends:`;

const RATE_NOTE = `Counters begin again with each run. The label \`kind\` is what docs/metrics.md calls by label; kinds that never came are left out.`;

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

/** docs/dashboard.md, printed from the table of metrics. */
export function dashboardDoc(printed: string, table: Table): string {
  const own = [
    { name: `${PREFIX}run_up`, help: 'whether viewers are on the platform: 1 or 0' },
    INFO_GAUGE,
    ...STATE_GAUGES,
    HEALTH_GAUGE,
    GATE_GAUGE,
  ].map(({ name, help }) => [`\`${name}\``, 'gauge', '', help]);
  const rows = (names: readonly (keyof typeof METRICS)[], kind: string): string[][] =>
    names.map((name) => [`\`${promName(name)}\``, kind, promLabels(name).join(', '), METRICS[name].meaning]);
  const all = [
    ...own,
    ...rows(GAUGES, 'gauge'),
    ...rows(HISTOGRAMS, 'histogram'),
    ...rows(COUNTERS, 'counter'),
  ];
  return `# Dashboard

${printed}

${ABOUT}
${BUCKETS_S.join(', ')} s.

${RATE_NOTE}

${table(['metric', 'kind', 'labels', 'meaning'], all)}
`;
}
