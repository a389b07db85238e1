/** One sample of a page of metrics. */
export interface PrometheusSample {
  readonly name: string;
  /** As written, e.g. `method="GET",code="200"`; empty without labels. */
  readonly labels: string;
  readonly value: number;
  /** Only ever grows, until its process begins anew: a counter, or what a histogram or summary counts. */
  readonly isCumulative: boolean;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{((?:[^"}]|"(?:[^"\\\\]|\\\\.)*")*)\\})?[ \\t]+(\\S+)(?:[ \\t]+-?\\d+(?:\\.\\d+)?)?(?:[ \\t]+#.*)?$`,
);
const TYPE = new RegExp(`^#[ \\t]*TYPE[ \\t]+(${NAME})[ \\t]+(\\w+)`);

/**
 * The samples of a page in Prometheus's text format 0.0.4 (OpenMetrics' timestamps and exemplars are passed over).
 * Lines that are none are left out, NaN and infinities too: there is nothing to be counted in them.
 */
export function parsePrometheus(text: string): readonly PrometheusSample[] {
  const types = new Map<string, string>();
  const samples: PrometheusSample[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const [, typed, type] = TYPE.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', word] = SAMPLE.exec(line) ?? [];
    const value = Number(word);
    if (name === undefined || !Number.isFinite(value)) continue;
    samples.push({
      name,
      labels: labels.replace(/,\s*$/, ''),
      value,
      isCumulative: isCumulative(name, types),
    });
  }
  return samples;
}

function isCumulative(name: string, types: ReadonlyMap<string, string>): boolean {
  const own = types.get(name) ?? types.get(name.replace(/_total$/, ''));
  if (own === 'counter') return true;
  const family = types.get(name.replace(/_(?:bucket|count|sum)$/, ''));
  return (
    name !== name.replace(/_(?:bucket|count|sum)$/, '') && (family === 'histogram' || family === 'summary')
  );
}
