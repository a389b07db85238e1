// Draws the lanes, and the part of the story that is on screen.

function pen(made) {
  const { canvas } = made;
  const unit = rem();
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.parentElement.clientWidth - (canvas.offsetLeft - canvas.parentElement.offsetLeft);
  const wide = Math.max(50, canvas.clientWidth || width);
  const high = Math.round(made.heightRem * unit);
  canvas.style.height = `${high}px`;
  canvas.width = Math.round(wide * ratio);
  canvas.height = Math.round(high * ratio);
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, wide, high);
  context.font = `${Math.round(unit * 0.75)}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  made.hits = [];
  const x = (ms) => ((ms - view.fromMs) / (view.toMs - view.fromMs)) * wide;
  const g = {
    ...{ context, width: wide, height: high, rem: unit, x },
    /** Left edge and width on screen, cut to what can be seen. */
    range(from, to, least = 0) {
      const left = Math.max(-4, x(from));
      const right = Math.min(wide + 4, x(to));
      return [left, right < -4 || left > wide + 4 ? 0 : Math.max(least, right - left)];
    },
    bar(left, y, w, h, colour) {
      context.fillStyle = colour;
      context.fillRect(left, y, w, h);
    },
    hatch(left, y, w, h) {
      context.save();
      context.beginPath();
      context.rect(left, y, w, h);
      context.clip();
      context.strokeStyle = colours.card;
      context.globalAlpha = 0.25;
      context.lineWidth = 3;
      for (let at = left - h; at < left + w; at += 10) {
        context.beginPath();
        context.moveTo(at, y + h);
        context.lineTo(at + h, y);
        context.stroke();
      }
      context.restore();
    },
    /** The first of the texts that has room on a bar. */
    label(texts, left, y, w) {
      const from = Math.max(left, 0);
      const room = Math.min(left + w, wide) - from;
      const text = texts.find((each) => context.measureText(each).width + 6 <= room);
      if (text !== undefined) g.plain(text, from + 3, y, colours.card);
    },
    measure: (text) => context.measureText(text).width,
    plain(text, left, y, colour) {
      context.fillStyle = colour;
      context.fillText(text, left, y + 1);
    },
    note(text, left, y, room) {
      if (context.measureText(text).width > room || left > wide) return;
      context.fillStyle = colours.soft;
      context.fillText(text, left, y + 1);
    },
    tag(text, left, y) {
      const w = context.measureText(text).width + 4;
      context.globalAlpha = 0.85;
      g.bar(left, y - 0.45 * unit, w, 0.9 * unit, colours.card);
      context.globalAlpha = 1;
      context.fillStyle = colours.soft;
      context.fillText(text, left + 2, y + 1);
    },
    grid(y, text) {
      context.fillStyle = colours.line;
      context.fillRect(0, Math.round(y), wide, 1);
      if (text && y > 0.6 * unit) g.tag(text, 2, y - 0.5 * unit);
    },
    /** Stretches of waiting stand behind every lane, so that causes are seen above each other. */
    waits() {
      for (const each of [...rebuffers, ...frozen]) {
        const [left, w] = g.range(each.fromMs, each.toMs);
        if (w > 0) g.bar(left, 0, w, high, colours['wait-soft']);
      }
      for (const each of lags) {
        const [left, w] = g.range(each.fromMs, each.toMs);
        if (w <= 0) continue;
        context.globalAlpha = 0.45;
        g.bar(left, 0, w, high, colours.queue);
        context.globalAlpha = 1;
      }
    },
    hit(left, y, w, h, words) {
      if (w > 0) made.hits.push({ left, y, w, h, words });
    },
    hitNearest(items, atOf, words) {
      made.nearest = (px) => {
        const near = items.reduce((best, item) => {
          const far = Math.abs(x(atOf(item)) - px);
          return best === undefined || far < best.far ? { item, far } : best;
        }, undefined);
        return near && near.far < 24 ? words(near.item) : undefined;
      };
    },
    hitNearestRow(rows, rowOf, words) {
      made.nearest = (px, py) => {
        const items = inView(rows[rowOf(py)] ?? [], ({ atMs }) => atMs);
        const near = items
          .map((item) => ({ item, far: Math.abs(x(item.atMs) - px) }))
          .filter(({ far }) => far < 6)
          .sort((a, b) => a.far - b.far);
        const more = near.filter(
          ({ item }) => item !== near[0]?.item && Math.abs(x(item.atMs) - x(near[0].item.atMs)) < 2,
        );
        if (near.length === 0) return undefined;
        return `${words(near[0].item)}${more.length > 0 ? `\nand ${more.length} more here` : ''}`;
      };
    },
  };
  return g;
}

let asked = 0;
function draw() {
  if (asked !== 0) return;
  asked = requestAnimationFrame(() => {
    asked = 0;
    readColours();
    for (const made of lanes) made.paint(pen(made));
    chart.dataset.from = String(Math.round(view.fromMs));
    chart.dataset.to = String(Math.round(view.toMs));
  });
}

function show(from, to) {
  const widest = FULL.toMs - FULL.fromMs;
  const length = Math.min(widest, Math.max(20, to - from));
  view.fromMs = Math.max(FULL.fromMs, Math.min(from, FULL.toMs - length));
  view.toMs = view.fromMs + length;
  draw();
}
function zoom(factor, aroundMs = (view.fromMs + view.toMs) / 2) {
  show(aroundMs - (aroundMs - view.fromMs) * factor, aroundMs + (view.toMs - aroundMs) * factor);
}
function pan(share) {
  const byMs = (view.toMs - view.fromMs) * share;
  show(view.fromMs + byMs, view.toMs + byMs);
}
function goTo(moment) {
  const around = Math.max(3000, moment.lengthMs);
  show(moment.atMs - around / 2, moment.atMs + moment.lengthMs + around / 2);
  chart.scrollIntoView({ block: 'nearest' });
}
let current = -1;
function step(by) {
  if (moments.length === 0) return;
  current = Math.min(moments.length - 1, Math.max(0, current + by));
  goTo(moments[current]);
  tip.textContent = `${clock(moments[current].atMs, 2)}  ${moments[current].text}`;
  const box = chart.getBoundingClientRect();
  place(box.left + box.width / 2, Math.max(0, box.top));
}
