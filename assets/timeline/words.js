// Numbers and elements in words; used by all parts.

const span = (ms) =>
  ms < 995
    ? `${Math.round(ms)} ms`
    : ms < 99_500
      ? `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`
      : clock(ms, 0);
const clock = (ms, digits) => {
  const sign = ms < 0 ? '-' : '';
  const whole = Math.abs(ms) / 1000;
  const minutes = Math.floor(whole / 60);
  const seconds = (whole - minutes * 60).toFixed(digits).padStart(digits === 0 ? 2 : 3 + digits, '0');
  if (Number(seconds) >= 60) return clock((ms < 0 ? -1 : 1) * (minutes + 1) * 60_000, digits);
  const hours = Math.floor(minutes / 60);
  return hours > 0
    ? `${sign}${hours}:${String(minutes % 60).padStart(2, '0')}:${seconds}`
    : `${sign}${minutes}:${seconds}`;
};
const size = (bytes) =>
  bytes < 1e3
    ? `${bytes} B`
    : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(1)} KB`
      : `${(bytes / 1e6).toFixed(2)} MB`;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
const make = (tag, attributes = {}, ...inside) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
};
