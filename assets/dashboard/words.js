// Numbers and elements in words; used by all parts.

const plain = (value, digits) => String(Number(value.toFixed(digits)));
const grouped = (value) => Math.round(value).toLocaleString('en');
const span = (ms) =>
  ms < 9.95
    ? `${plain(ms, 1)} ms`
    : ms < 999.5
      ? `${Math.round(ms)} ms`
      : `${plain(ms / 1000, ms < 9950 ? 2 : 1)} s`;
const clock = (ms) => {
  const whole = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const tail = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
};
const bits = (kbps) =>
  kbps < 9999.5 ? `${grouped(kbps)} kbit/s` : `${plain(kbps / 1000, kbps < 99_950 ? 1 : 0)} Mbit/s`;
const WORDS = {
  ms: span,
  s: (value) => clock(value * 1000),
  '%': (value) => `${plain(value, value < 1 ? 2 : 1)} %`,
  count: grouped,
  per_s: (value) => `${plain(value, value < 10 ? 1 : 0)} /s`,
  'kbit/s': bits,
  MB: (value) => (value < 9999.5 ? `${grouped(value)} MB` : `${plain(value / 1000, 1)} GB`),
  bytes: (value) => (value < 1e10 ? `${grouped(value / 1e6)} MB` : `${plain(value / 1e9, 1)} GB`),
  status: (value) => String(value),
};
const words = (value, unit) => (value === null || value === undefined ? '–' : WORDS[unit](value));

const byId = (id) => document.getElementById(id);
const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
/** Only what has changed touches the page. */
const say = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
const mark = (element, name, value) => {
  if (value === undefined || value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
};
/** Makes the children of an element anew when what they show has changed. */
const shown = new WeakMap();
const renew = (element, key, children) => {
  const text = JSON.stringify(key);
  if (shown.get(element) === text) return;
  shown.set(element, text);
  element.replaceChildren(...children());
};
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
