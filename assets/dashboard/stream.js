// The event stream: kept open, opened again, and what its state is called.

/** No word for so long, and the connection is as good as lost. */
const SILENT_MS = 12_000;
const AGAIN_MS = 2000;
/** After the end another run may come to the same port. */
const AFTER_END_MS = 10_000;

const openStream = ({ onSnapshot, onUpdate, onChange }) => {
  let source;
  let heardAt = performance.now();
  let lostAt;
  let ended = false;
  /** Unknown until the first word. */
  let begun;
  let again;
  const heard = () => {
    heardAt = performance.now();
    if (lostAt === undefined) return;
    lostAt = undefined;
    onChange();
  };
  const lost = () => {
    if (lostAt === undefined) {
      lostAt = performance.now();
      onChange();
    }
  };
  const connect = () => {
    clearTimeout(again);
    source?.close();
    heardAt = performance.now();
    source = new EventSource('/events');
    source.addEventListener('snapshot', ({ data }) => {
      const news = JSON.parse(data);
      ended = news.state.status.kind === 'ended';
      begun = true;
      heard();
      onSnapshot(news);
    });
    source.addEventListener('update', ({ data }) => {
      const news = JSON.parse(data);
      ended = news.state.status.kind === 'ended';
      begun = true;
      heard();
      onUpdate(news);
    });
    source.addEventListener('waiting', () => {
      begun = false;
      heard();
      onChange();
    });
    source.addEventListener('error', () => {
      // Whatever the browser would do by itself: one way for all cases.
      source.close();
      lost();
      again = setTimeout(connect, ended ? AFTER_END_MS : AGAIN_MS);
    });
  };
  setInterval(() => {
    if (performance.now() - heardAt > SILENT_MS && lostAt === undefined) {
      lost();
      connect();
    } else if (lostAt !== undefined) onChange();
  }, 1000);
  connect();
  return {
    /** Since when, ms ago; undefined = the connection stands. */
    lostForMs: () => (lostAt === undefined ? undefined : performance.now() - lostAt),
    /** False = it answers, and nobody has come yet. */
    hasBegun: () => begun,
  };
};
