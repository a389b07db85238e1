(() => {
  const data = JSON.parse(document.getElementById('run-data').textContent);
  const { atS, gaps, endS, phases, marks, charts } = data;
  const gapAt = new Set(gaps);
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLORS = 7;
  const DASHES = { long: [9, 5], short: [3, 3] };
  const HEIGHT = 230;
  const NARROW = 480;

  // ---- words -------------------------------------------------------------------------------------------------

  const plain = (value, digits) => String(Number(value.toFixed(digits)));
  const WORDS = {
    ms: (value) =>
      value < 999.5 ? `${Math.round(value)} ms` : `${plain(value / 1000, value < 9950 ? 2 : 1)} s`,
    '%': (value) => `${plain(value, value < 1 ? 3 : 1)} %`,
    bytes: (value) => `${plain(value / 1e6, 0)} MB`,
    cores: (value) => plain(value, 2),
    viewers: (value) => plain(value, 0),
    count: (value) => plain(value, 0),
  };
  const words = (value, unit) => (value === null || value === undefined ? '–' : WORDS[unit](value));
  const clock = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
    const tail = String(whole % 60).padStart(2, '0');
    return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
  };
  /** Nobody is half a viewer. */
  const WHOLE = new Set(['viewers', 'count']);
  const WHOLE_STEPS = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));
  const phaseAt = (seconds) => phases.find(({ from, to }) => seconds >= from && seconds < to)?.name ?? '';
  const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

  // ---- what is drawn under and over the lines ----------------------------------------------------------------

  /** Hatching for what was done to the platform on purpose: to be seen without its colour, too. */
  const hatch = (context, from, to, top, height, color) => {
    context.save();
    context.beginPath();
    context.rect(from, top, Math.max(2, to - from), height);
    context.clip();
    context.globalAlpha = 0.13;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 0.55;
    context.strokeStyle = color;
    context.lineWidth = devicePixelRatio;
    context.beginPath();
    const step = 7 * devicePixelRatio;
    for (let x = from - height; x < to; x += step) {
      context.moveTo(x, top + height);
      context.lineTo(x + height, top);
    }
    context.stroke();
    context.restore();
  };

  const label = (context, text, x, y, color, taken, right) => {
    const width = context.measureText(text).width;
    const at = Math.min(x, right - width);
    if (taken.some(([from, to, row]) => row === y && at < to && at + width > from)) return;
    taken.push([at, at + width + 6 * devicePixelRatio, y]);
    context.fillStyle = color;
    context.fillText(text, at, y);
  };

  const background = (u) => {
    const { ctx: context } = u;
    const { left, top, width, height } = u.bbox;
    const right = left + width;
    const x = (seconds) => Math.min(right, Math.max(left, u.valToPos(seconds, 'x', true)));
    const taken = [];
    const row = 13 * devicePixelRatio;
    context.save();
    context.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    context.textBaseline = 'bottom';
    context.textAlign = 'left'; // the axes leave it as the last of them had it
    phases.forEach(({ name, from, to }, index) => {
      const [start, end] = [x(from), x(to)];
      if (end - start < 1) return;
      context.fillStyle = css(index % 2 === 0 ? '--phase-a' : '--phase-b');
      context.fillRect(start, top, end - start, height);
      const fits = context.measureText(name).width < end - start - 4 * devicePixelRatio;
      if (fits)
        label(
          context,
          name,
          start + 3 * devicePixelRatio,
          top - 2 * devicePixelRatio,
          css('--soft'),
          taken,
          right,
        );
    });
    for (const { label: name, kind, critical, from, to } of marks) {
      // What was never cleared held to the end; a fault without an end was one moment.
      const until = to ?? (kind === 'alert' ? endS : from);
      if (until < u.scales.x.min || from > u.scales.x.max) continue;
      if (kind === 'alert') {
        const thick = (critical ? 4 : 2) * devicePixelRatio;
        context.fillStyle = css(critical ? '--bad' : '--warn');
        context.fillRect(x(from), top + height - thick, Math.max(thick, x(until) - x(from)), thick);
        continue;
      }
      const color = css(kind === 'fault' ? '--fault' : '--invalid');
      hatch(context, x(from), x(until), top, height, color);
      label(context, name, x(from), top - row - 2 * devicePixelRatio, color, taken, right);
    }
    context.restore();
  };

  const bounds = (chart) => (u) => {
    const { ctx: context } = u;
    const { left, top, width, height } = u.bbox;
    context.save();
    context.strokeStyle = css('--bad');
    context.lineWidth = 1.5 * devicePixelRatio;
    context.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const { value } of chart.bounds) {
      const y = u.valToPos(value, 'y', true);
      if (y < top - 1 || y > top + height + 1) continue;
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(left + width, y);
      context.stroke();
    }
    context.restore();
  };

  // ---- one chart ---------------------------------------------------------------------------------------------

  /** Lines end where nothing was measured: a value between two gaps is a dot. */
  const isAlone = (values, index) =>
    values[index] != null && values[index - 1] == null && values[index + 1] == null;
  /** A stretch that is missing is a place without a value. */
  const xs = [];
  const place = [];
  atS.forEach((at, index) => {
    if (gapAt.has(index)) {
      xs.push((at + atS[index - 1]) / 2);
      place.push(undefined);
    }
    xs.push(at);
    place.push(index);
  });
  const spread = (values) => place.map((index) => (index === undefined ? null : values[index]));

  const rowsOf = (chart, shown) => {
    const rows = chart.curves.map(({ values }) => spread(values));
    if (!chart.stacked) return rows;
    const sums = xs.map(() => 0);
    return rows.map((row, curve) =>
      shown[curve]
        ? row.map((value, index) => {
            sums[index] += value ?? 0;
            return value === null ? null : sums[index];
          })
        : row.map(() => null),
    );
  };

  const width = xs.length > 1 ? Math.min(...xs.slice(1).map((at, index) => at - xs[index])) : 1;
  /** The bars of a stack, each from the ground: those on top are drawn first. */
  const bars = (color) => (u, index) => {
    const { ctx: context } = u;
    const { left, top, width: wide, height } = u.bbox;
    context.save();
    context.beginPath();
    context.rect(left, top, wide, height);
    context.clip();
    context.fillStyle = color;
    const [ground, half] = [u.valToPos(0, 'y', true), (width / 2) * 0.86];
    u.data[index].forEach((value, at) => {
      if (!value) return;
      const [from, to] = [u.valToPos(xs[at] - half, 'x', true), u.valToPos(xs[at] + half, 'x', true)];
      const y = u.valToPos(value, 'y', true);
      context.fillRect(from, y, Math.max(1.5, to - from), ground - y);
    });
    context.restore();
    return null;
  };

  const rangeOf = (chart) => (_u, _low, high) => {
    const top = high === null || high <= 0 ? 0 : high;
    const near = chart.bounds.map(({ value }) => value).filter((value) => value <= top * 2.5 || top === 0);
    const most = Math.max(top, ...near, 0);
    if (most === 0) return [0, 1];
    return [0, most * 1.08];
  };

  const drawn = [];
  const draw = (chart) => {
    const element = document.querySelector(`[data-chart="${chart.id}"]`);
    if (element === null) return;
    const legend = document.querySelector(`[data-legend="${chart.id}"]`);
    const readout = document.querySelector(`[data-readout="${chart.id}"]`);
    const shown = chart.curves.map(() => true);
    let plot;
    const values = [];
    const say = (index) => {
      const at = index === null || index === undefined ? undefined : place[index];
      chart.curves.forEach((curve, each) => {
        values[each].textContent = at === undefined ? '' : words(curve.values[at], chart.unit);
      });
      if (at === undefined) {
        readout.textContent = '';
        return;
      }
      const phase = phaseAt(atS[at]);
      readout.textContent = `at ${clock(atS[at])}${phase === '' ? '' : ` (${phase})`}`;
    };
    const colorOf = (curve) => css(`--c${curve.color % COLORS}`);

    const make = () => {
      const size = element.clientWidth;
      const isNarrow = size < NARROW;
      const axis = {
        stroke: css('--axis'),
        grid: { stroke: css('--grid'), width: 1 },
        ticks: { stroke: css('--grid'), width: 1 },
        font: '11px system-ui, sans-serif',
      };
      const options = {
        width: size,
        height: isNarrow ? HEIGHT - 30 : HEIGHT,
        padding: [marks.length > 0 ? 30 : 17, 16, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: 'run' }, drag: { x: true, y: false, setScale: true }, points: { size: 6 } },
        scales: {
          x: { time: false, range: (_u, from, to) => (from === null ? [0, endS] : [from, to]) },
          y: { range: rangeOf(chart) },
        },
        axes: [
          {
            ...axis,
            incrs: STEPS_S,
            space: isNarrow ? 50 : 60,
            size: 30,
            values: (_u, splits) => splits.map(clock),
          },
          {
            ...axis,
            size: 58,
            ...(WHOLE.has(chart.unit) ? { incrs: WHOLE_STEPS } : {}),
            values: (_u, splits) => splits.map((value) => words(value, chart.unit)),
          },
        ],
        series: [
          {},
          ...chart.curves.map((curve, each) => ({
            label: curve.label,
            show: shown[each],
            scale: 'y',
            stroke: colorOf(curve),
            width: curve.dash === 'short' ? 1.5 : 2,
            dash: DASHES[curve.dash],
            ...(chart.stacked
              ? { paths: bars(colorOf(curve)), points: { show: false } }
              : {
                  points: {
                    show: true,
                    size: 5,
                    fill: colorOf(curve),
                    filter: (u, index) =>
                      u.data[index].flatMap((_value, at) => (isAlone(u.data[index], at) ? [at] : [])),
                  },
                }),
          })),
        ],
        hooks: { drawClear: [background], draw: [bounds(chart)], setCursor: [(u) => say(u.cursor.idx)] },
      };
      if (chart.stacked) options.series = [{}, ...options.series.slice(1).reverse()];
      const rows = rowsOf(chart, shown);
      plot?.destroy();
      plot = new uPlot(options, [xs, ...(chart.stacked ? rows.reverse() : rows)], element);
      plot.setScale('x', { min: 0, max: endS });
      element.dataset.drawn = String(xs.length);
    };

    chart.curves.forEach((curve, each) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.setAttribute('aria-pressed', 'true');
      const value = document.createElement('b');
      values.push(value);
      const dash = DASHES[curve.dash]?.join(' ') ?? '';
      const thickness = chart.stacked ? 10 : 2.5;
      button.innerHTML = `<svg width="22" height="10" aria-hidden="true"><line x1="0" x2="22" y1="5" y2="5" stroke="var(--c${curve.color % COLORS})" stroke-width="${thickness}" stroke-dasharray="${dash}"/></svg>`;
      const name = document.createElement('span');
      name.textContent = curve.label || chart.title;
      button.append(name, value);
      button.addEventListener('click', () => {
        shown[each] = !shown[each];
        button.setAttribute('aria-pressed', String(shown[each]));
        make();
      });
      legend.append(button);
    });

    element.addEventListener('keydown', (event) => {
      const last = xs.length - 1;
      const now = plot.cursor.idx ?? -1;
      const to = { ArrowRight: Math.min(last, now + 1), ArrowLeft: Math.max(0, now - 1), Home: 0, End: last }[
        event.key
      ];
      if (event.key === 'Escape') plot.setScale('x', { min: 0, max: endS });
      if (to === undefined) return;
      event.preventDefault();
      plot.setCursor({ left: plot.valToPos(xs[to], 'x'), top: 20 });
      say(to);
      const at = place[to];
      if (at === undefined) return;
      const all = chart.curves.map(
        (curve) => `${curve.label || chart.title} ${words(curve.values[at], chart.unit)}`,
      );
      readout.textContent = `${readout.textContent}: ${all.join(', ')}`;
    });
    make();
    drawn.push({
      element,
      make,
      resize: (size) => plot.setSize({ width: size, height: size < NARROW ? HEIGHT - 30 : HEIGHT }),
    });
  };

  if (xs.length > 0) for (const chart of charts) draw(chart);

  // ---- when the page changes ---------------------------------------------------------------------------------

  const redraw = () => {
    for (const { make } of drawn) make();
  };
  let pending;
  addEventListener('resize', () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => {
      for (const { element, resize } of drawn) resize(element.clientWidth);
    });
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);

  // On paper all is light, everything that folds is open, and a chart is as wide as half a page.
  const PAPER_WIDTH = 330;
  let folded = [];
  let isPrinting = false;
  const toPaper = () => {
    if (isPrinting) return;
    isPrinting = true;
    document.documentElement.dataset.theme = 'light';
    folded = [...document.querySelectorAll('details.numbers')].filter((one) => !one.open);
    for (const one of folded) one.open = true;
    redraw();
    for (const { resize } of drawn) resize(PAPER_WIDTH);
  };
  const fromPaper = () => {
    if (!isPrinting) return;
    isPrinting = false;
    delete document.documentElement.dataset.theme;
    for (const one of folded) one.open = false;
    redraw();
  };
  addEventListener('beforeprint', toPaper);
  addEventListener('afterprint', fromPaper);
  matchMedia('print').addEventListener('change', ({ matches }) => (matches ? toPaper() : fromPaper()));

  // A link to a row opens it.
  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.tagName === 'DETAILS') target.open = true;
  };
  addEventListener('hashchange', openTarget);
  openTarget();
})();
