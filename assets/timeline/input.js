// Pointer and keys.

const msAt = (canvas, clientX) => {
  const box = canvas.getBoundingClientRect();
  return view.fromMs + ((clientX - box.left) / box.width) * (view.toMs - view.fromMs);
};
function place(clientX, clientY) {
  tip.hidden = false;
  const { offsetWidth: w, offsetHeight: h } = tip;
  tip.style.left = `${Math.max(4, Math.min(clientX + 14, window.innerWidth - w - 4))}px`;
  tip.style.top = `${clientY + 18 + h > window.innerHeight ? Math.max(4, clientY - h - 12) : clientY + 18}px`;
}
function point(made, event) {
  const box = made.canvas.getBoundingClientRect();
  const [px, py] = [event.clientX - box.left, event.clientY - box.top];
  const hit = made.hits.findLast(
    ({ left, y, w, h }) => px >= left && px <= left + w && py >= y && py <= y + h,
  );
  const words = hit ? hit.words() : made.nearest?.(px, py);
  tip.hidden = words === undefined;
  if (words === undefined) return;
  tip.textContent = words;
  place(event.clientX, event.clientY);
}
const fingers = new Map();
for (const made of lanes) {
  const { canvas } = made;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event.clientX);
    canvas.classList.add('dragged');
    if (made.id === 'overview') jump(canvas, event.clientX);
  });
  canvas.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) {
      point(made, event);
      return;
    }
    tip.hidden = true;
    const width = canvas.clientWidth;
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    if (made.id === 'overview') jump(canvas, event.clientX);
    else if (others.length === 1) {
      const [wide, now] = [Math.abs(before - others[0]), Math.abs(event.clientX - others[0])];
      if (wide > 8 && now > 8) zoom(wide / now, msAt(canvas, others[0]));
    } else pan((before - event.clientX) / width);
    fingers.set(event.pointerId, event.clientX);
  });
  const up = (event) => {
    fingers.delete(event.pointerId);
    canvas.classList.remove('dragged');
    if (event.type === 'pointerup') point(made, event);
  };
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', up);
  canvas.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / canvas.clientWidth);
      else zoom(1.0015 ** event.deltaY, msAt(canvas, event.clientX));
    },
    { passive: false },
  );
}
function jump(canvas, clientX) {
  const box = canvas.getBoundingClientRect();
  const atMs = FULL.fromMs + ((clientX - box.left) / box.width) * (FULL.toMs - FULL.fromMs);
  const half = (view.toMs - view.fromMs) / 2;
  show(atMs - half, atMs + half);
}
const KEYS = {
  ArrowLeft: () => pan(-0.2),
  ArrowRight: () => pan(0.2),
  '+': () => zoom(0.5),
  '=': () => zoom(0.5),
  '-': () => zoom(2),
  0: () => show(FULL.fromMs, FULL.toMs),
  Home: () => show(FULL.fromMs, FULL.fromMs + view.toMs - view.fromMs),
  End: () => show(FULL.toMs - (view.toMs - view.fromMs), FULL.toMs),
  '[': () => step(-1),
  ']': () => step(1),
  Escape: () => {
    tip.hidden = true;
  },
};
chart.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || KEYS[event.key] === undefined) return;
  event.preventDefault();
  KEYS[event.key]();
});
window.addEventListener('resize', draw);
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
draw();
