import { clockOffset } from './clock.js';
import { LivePage } from './live-page.js';
import { SessionLog, watchAppends } from './session-log.js';

let current;

/** What the driver calls; everything it gets back is plain data. */
window.fidelity = {
  /** Loads the libraries and sets this page's clock against the origin's. */
  async prepare(scripts) {
    for (const src of scripts) await loadScript(src);
    watchAppends(() => current?.log);
    return { ...(await clockOffset()), versions: { hls: window.Hls.version, mpegts: window.mpegts.version } };
  },

  start({ protocol, flvUrl, hlsUrl }) {
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    document.body.append(video);
    const log = new SessionLog(video);
    const page = new LivePage(video, { flvUrl, hlsUrl }, log);
    current = { video, log, page };
    log.start();
    page.start(protocol);
  },

  /** Ends the session: its log. */
  finish() {
    const { video, log, page } = current;
    const raw = log.finish(page.protocol);
    page.stop();
    video.remove();
    current = undefined;
    return raw;
  },

  clockOffset,
};

function loadScript(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${src} could not be loaded`));
    document.head.append(script);
  });
}
