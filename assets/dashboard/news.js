// What a screen reader is told by itself: alerts, the connection, the end. At most once in ten seconds.

const NEWS_EVERY_MS = 10_000;
const MOST_NEWS = 3;
let news = [];
let newsTimer;
let newsAt = Number.NEGATIVE_INFINITY;

const tellNews = () => {
  newsTimer = undefined;
  newsAt = performance.now();
  const more = news.length - MOST_NEWS;
  const told = more > 0 ? [...news.slice(0, MOST_NEWS), `and ${more} more`] : news;
  news = [];
  byId('news').textContent = told.join('. ');
};
const announce = (text) => {
  if (news.length < 100) news.push(text);
  newsTimer ??= setTimeout(tellNews, Math.max(0, newsAt + NEWS_EVERY_MS - performance.now()));
};

let alertsKnown;
/** Of alerts the new ones and those that were cleared; those that were there when the page came are not news. */
const alertNews = ({ list }) => {
  const now = new Map(list.map((alert) => [`${alert.id} ${alert.raisedAtMs}`, alert]));
  if (alertsKnown !== undefined) {
    for (const [key, alert] of now) {
      const before = alertsKnown.get(key);
      if (before === undefined && alert.clearedAtMs === undefined) announce(`Alert: ${alert.words}`);
      else if (before?.clearedAtMs === undefined && alert.clearedAtMs !== undefined && before !== undefined)
        announce(`Cleared: ${alert.words}`);
    }
  }
  alertsKnown = now;
};
