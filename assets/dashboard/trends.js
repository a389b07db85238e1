// Curves of the last minutes: a bounded number of points.

const { charts } = JSON.parse(byId('page-data').textContent);
const HEIGHT = 190;
const COLORS = 7;
let spanS = 300;
let atS = [];
/** By curve, as long as `atS`. */
let columns = new Map();
let stretches = [];
let happened = [];

const startTrends = (trends, trendSpanMs) => {
  spanS = trendSpanMs / 1000;
  atS = [...trends.atS];
  columns = new Map(Object.entries(trends.values).map(([key, values]) => [key, [...values]]));
  const minutes = Math.round(spanS / 60);
  say(
    byId('trends-title'),
    spanS === 300 ? 'Last 5 minutes' : minutes > 1 ? `${minutes} minutes` : 'The run',
  );
};
const addPoint = ({ atS: at, values }) => {
  if (atS.length > 0 && at <= atS[atS.length - 1]) return;
  atS.push(at);
  for (const key of Object.keys(values))
    if (!columns.has(key)) columns.set(key, new Array(atS.length - 1).fill(null));
  for (const [key, column] of columns) column.push(values[key] ?? null);
  let old = 0;
  while (atS[old] < at - spanS) old++;
  if (old === 0) return;
  atS.splice(0, old);
  for (const [key, column] of columns) {
    column.splice(0, old);
    if (column.every((value) => value === null)) columns.delete(key);
  }
};

const curvesOf = ({ curves, perContainer }) => {
  const fixed = curves.filter(({ key }) => columns.has(key));
  if (perContainer === null) return fixed;
  const names = [...columns.keys()].filter((key) => key.startsWith(perContainer)).sort();
  return names.map((key, at) => ({
    key,
    label: key.slice(perContainer.length),
    color: at,
    dash: at >= COLORS,
  }));
};
const colorOf = ({ color }) => css(`--c${color % COLORS}`);

const STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
const WHOLE_STEPS = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));

const background = (u) => {
  const { ctx: context } = u;
  const { left, top, width, height } = u.bbox;
  const right = left + width;
  const x = (ms) => Math.min(right, Math.max(left, u.valToPos(ms / 1000, 'x', true)));
  context.save();
  context.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  context.textBaseline = 'bottom';
  context.textAlign = 'left'; // the axes leave it as the last of them had it
  stretches.forEach(({ name, fromMs, toMs }, index) => {
    const [from, to] = [x(fromMs), x(toMs)];
    if (to - from < 1) return;
    context.fillStyle = css(index % 2 === 0 ? '--phase-a' : '--phase-b');
    context.fillRect(from, top, to - from, height);
    context.fillStyle = css('--soft');
    if (context.measureText(name).width < to - from - 6 * devicePixelRatio)
      context.fillText(name, from + 3 * devicePixelRatio, top - 2 * devicePixelRatio);
  });
  for (const { fromMs, toMs, kind } of happened) {
    const end = toMs ?? (kind === 'fault' ? Number.MAX_SAFE_INTEGER : fromMs);
    if (end / 1000 < u.scales.x.min || fromMs / 1000 > u.scales.x.max) continue;
    const [from, to] = [x(fromMs), x(end)];
    context.fillStyle = css(kind === 'fault' ? '--fault' : '--invalid');
    context.globalAlpha = 0.2;
    context.fillRect(from, top, Math.max(2 * devicePixelRatio, to - from), height);
    context.globalAlpha = 1;
    context.fillRect(from, top, 1.5 * devicePixelRatio, height);
  }
  context.restore();
};
const limitLine = (limit) => (u) => {
  if (limit === null) return;
  const { ctx: context } = u;
  const y = u.valToPos(limit, 'y', true);
  if (y < u.bbox.top) return;
  context.save();
  context.strokeStyle = css('--bad');
  context.lineWidth = 1.5 * devicePixelRatio;
  context.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  context.beginPath();
  context.moveTo(u.bbox.left, y);
  context.lineTo(u.bbox.left + u.bbox.width, y);
  context.stroke();
  context.restore();
};

const isAlone = (values, at) => values[at] != null && values[at - 1] == null && values[at + 1] == null;
const plots = new Map();

const makePlot = (chart, curves, element) => {
  const axis = {
    stroke: css('--axis'),
    grid: { stroke: css('--grid'), width: 1 },
    ticks: { stroke: css('--grid'), width: 1 },
    font: '11px system-ui, sans-serif',
  };
  const options = {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [16, 12, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: {
        range: (_u, _low, high) => {
          if (chart.unit === '%' && chart.limit !== null) return [0, Math.max(100, (high ?? 0) * 1.05)];
          return [0, high === null || high <= 0 ? 1 : high * 1.08];
        },
      },
    },
    axes: [
      {
        ...axis,
        incrs: STEPS_S,
        space: 55,
        size: 28,
        values: (_u, splits) => splits.map((value) => clock(value * 1000)),
      },
      {
        ...axis,
        size: 62,
        ...(chart.unit === 'count' ? { incrs: WHOLE_STEPS } : {}),
        values: (_u, splits) => splits.map((value) => words(value, chart.unit)),
      },
    ],
    series: [
      {},
      ...curves.map((curve) => ({
        label: curve.label,
        stroke: colorOf(curve),
        width: 2,
        dash: curve.dash ? [7, 4] : undefined,
        points: {
          show: true,
          size: 5,
          fill: colorOf(curve),
          filter: (u, index) =>
            u.data[index].flatMap((_value, at) => (isAlone(u.data[index], at) ? [at] : [])),
        },
      })),
    ],
    hooks: { drawClear: [background], draw: [limitLine(chart.limit)] },
  };
  return new uPlot(options, undefined, element);
};

const showLegend = (chart, curves) => {
  const legend = document.querySelector(`[data-legend="${chart.id}"]`);
  renew(legend, curves, () =>
    curves.map((curve) => {
      const line = make('i', { class: curve.dash ? 'dash' : 'line', 'aria-hidden': 'true' });
      line.style.setProperty('--curve', `var(--c${curve.color % COLORS})`);
      return make('span', { 'data-curve': curve.key }, line, make('span', {}, curve.label), make('b', {}));
    }),
  );
  const now = curves.map((curve, at) => {
    const text = words(columns.get(curve.key)?.at(-1), chart.unit);
    say(legend.children[at].lastElementChild, text);
    return `${curve.label} ${text}`;
  });
  return now;
};

const drawChart = (chart, nowS) => {
  const element = document.querySelector(`[data-chart="${chart.id}"]`);
  const curves = curvesOf(chart);
  const isEmpty = curves.length === 0;
  element.hidden = isEmpty;
  document.querySelector(`[data-empty="${chart.id}"]`).hidden = !isEmpty;
  const said = showLegend(chart, curves);
  if (isEmpty) return;
  mark(element, 'aria-label', `${chart.title}, now: ${said.join(', ')}`);
  const shape = JSON.stringify(curves);
  let drawn = plots.get(chart.id);
  if (drawn?.shape !== shape) {
    drawn?.plot.destroy();
    drawn = { shape, plot: makePlot(chart, curves, element) };
    plots.set(chart.id, drawn);
  }
  if (drawn.plot.width !== element.clientWidth && element.clientWidth > 0)
    drawn.plot.setSize({ width: element.clientWidth, height: HEIGHT });
  const { plot } = drawn;
  plot.batch(() => {
    plot.setData([atS, ...curves.map(({ key }) => columns.get(key))], false);
    plot.setScale('x', { min: Math.max(0, nowS - spanS), max: Math.max(nowS, 10) });
  });
  mark(element, 'data-points', atS.length);
};
const showTrends = ({ phases, marks, atMs }) => {
  stretches = phases;
  happened = marks;
  for (const chart of charts) drawChart(chart, atMs / 1000);
};
/** Colours are drawn in: another theme needs other pictures. */
const forgetPlots = () => {
  for (const { plot } of plots.values()) plot.destroy();
  plots.clear();
};
