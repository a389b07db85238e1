import { CLEAR_AFTER_MS } from '../alerts/engine.js';
import { type Measure, THRESHOLDS, type Threshold, UNWATCHED } from '../alerts/thresholds.js';

const MS_PER_S = 1000;

/** docs/alerts.md, printed from the table of thresholds. */
export function alertsDoc(
  printed: string,
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const thresholds: [string, Threshold][] = Object.entries(THRESHOLDS);
  const rows = thresholds.map(([id, each]) => [
    `\`${id}\``,
    each.section,
    each.words,
    `${each.is} ${each.bound} ${each.unit}`.trim(),
    each.forMs === 0 ? 'one line' : `${each.forMs / MS_PER_S} s`,
    each.severity,
    sourceText(each),
  ]);
  const unwatched = UNWATCHED.map(({ section, metric, threshold, why }) => [section, metric, threshold, why]);
  return `# Alerts

${printed}

\`dorami-load collect\`, and a run with \`--collect FILE\`, hold each line of \`system.ndjson\` against the thresholds of the
strategy's 3.2 to 3.7 and write what is raised and cleared to \`alerts.ndjson\` beside it (\`schema/alerts.schema.json\` is one
line of it). It is told on the terminal, on the page of \`--dashboard\`, and in the report, which reads that log. Alerts decide nothing: the verdict is made of the gate's rows.

**Raised** when the threshold was crossed for its time; where the strategy names none, one line is enough. **Cleared** when it
was not crossed for ${CLEAR_AFTER_MS / MS_PER_S} s, or for the time of its raise where that is longer: what flaps is one alert.

**What is not known neither raises nor clears.** A source that is a gap, a field that is absent, a time in which no line came:
the alert is as it was, and that time counts neither for it nor against it. At the end of a run it is told of how many open alerts nothing is known.
One exception: a health endpoint that does not answer is one that does not say 200. Percentiles and ratios are absent
without requests, so that an alert of theirs stays open when the load has gone.

**In the folder of a run** they are read from \`alerts.ndjson\`, as they were raised at the time with the bounds of that time, and never
made anew from \`system.ndjson\`: \`summary.json\` counts them and names the worst (critical before warning, then the longest), the
report has them as a table, in its story and as bars at the foot of its charts. They decide nothing: the gate does.

Shares of answers are looked at twice: \`api\` without media and sockets, \`all\` of every line as the strategy writes it,
since ten thousand good segments would hide a broken API. Counts per minute are of the last minute that was seen; what a late look
has counted is spread over the time it is of. Fragmentation of a Redis that uses less than 32 MB says nothing and is not looked at.
Severity is not the strategy's: critical is what viewers feel at once, or what a mandatory row of the gate is made of.

**Another bound, another time, off**: in the file of sources, by id, checked like the rest of it.

\`\`\`yaml
alerts:
  redis-hits: off
  container-cpu: { bound: 70, for: 30s }
\`\`\`

## Thresholds

A threshold whose fields are not in the lines, because no such source is configured, is not watched.

${table(['id', 'section', 'what', 'alert', 'for', 'severity', 'of a line'], rows)}

## Not watched

${table(['section', 'metric', 'alert', 'why'], unwatched)}
`;
}

function sourceText({ measure, from, silence }: Threshold): string {
  const parts = [measureText(measure)];
  if (from !== undefined) parts.push(`from \`${from.path}\` ${from.atLeast} on`);
  if (silence !== undefined) parts.push(`a gap of \`${silence}\` counts as crossed`);
  return parts.join('; ');
}

function measureText(measure: Measure): string {
  const list = (paths: readonly string[]): string => paths.map((path) => `\`${path}\``).join(' + ');
  switch (measure.kind) {
    case 'value': {
      const paths = measure.paths.map((path) => `\`${path}\``).join(', ');
      return measure.named === undefined ? paths : `${paths} named like \`${measure.named.source}\``;
    }
    case 'sum':
      return list(measure.paths);
    case 'per_minute':
      return `\`${measure.path}\` per minute`;
    case 'share':
      return Object.entries(measure.of)
        .map(
          ([name, { part, whole, few }]) =>
            `${name}: ${list(part)} of ${list(whole)}${few === undefined ? '' : ` (not known of 1 to ${few.part - 1} of less than ${few.whole})`}`,
        )
        .join('; ');
  }
}
