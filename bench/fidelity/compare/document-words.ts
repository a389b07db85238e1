/** The prose of docs/fidelity.md: what does not follow from the results. One entry is one line. */

export const TITLE: readonly string[] = [
  '# Does a viewer of ours see what a person would have seen?',
  '',
  'Printed from results by `node dist-bench/bench/fidelity/print-fidelity.js`; not to be edited by hand.',
  '',
  'A load test sends hundreds of viewers. None of them can be a real browser: one machine carries a handful of those.',
  'So a virtual viewer of dorami-load downloads the real media and *computes* what a player would have made of it: when',
  'the first picture came, when playing stopped for want of data, when it went on, how late the picture was. A verdict',
  '"3 % of the time was spent waiting" is only worth something if that computation is right.',
  '',
  'This document is the test of it. A real browser (Chromium) with the real player libraries, set up as the live page',
  'sets them up, watches a stream that is made to go wrong in a known way. Beside it a viewer of ours watches the very',
  'same stream at the same time. Then the two stories are compared.',
  '',
];

export const HOW: readonly string[] = [
  '## How it is done',
  '',
  '- **One origin, one script.** A server of the bench plays the streaming server: HLS with 1 s segments and HTTP-FLV with',
  '  its cache of the last GOP, as SRS sends them. A *condition* is a script of what happens when: the link stands still for',
  '  3 s, a segment is missing, the publisher starts anew. Each viewer gets a session of its own, and the script runs from the',
  '  moment at which the origin got its first media request. So both get the same bytes at the same instants of their own time,',
  '  whoever started a little later. The trouble is made in the origin, by holding bytes back: the network itself is loopback.',
  '  Each answer of HLS waits 20 ms for its first byte, as over a near network: without any round trip the first list races with',
  "  the page's media source, and a browser that loses waits 0.1 s for the library's next tick.",
  '- **What the browser saw is seen, not asked.** Every picture of the stream carries its number as a bar code. The page reads',
  '  it off the screen (`requestVideoFrameCallback` and a small canvas), so that "picture 412 was on the screen at 14.07 s" is',
  '  an observation. Waiting and playing are the events of the `video` element. The clock of the page is tied to that of the',
  '  origin by the fastest of many round trips.',
  '- **What our viewer saw** comes from the same code that a load test runs, over real sockets, with the events that a load test',
  '  counts. Pictures carry the time of their capture in the stream, which is where its latency comes from.',
  '- **The page is warm**: it has played another stream for a moment before, so that decoder and scripts are loaded. A cold page',
  '  shows its first picture later; that is the cost of a page and its scripts, not of the stream.',
  '- **Repeats.** Each condition is run as often as the table below says with the versions of the page. A run in which this machine stood still for too',
  '  long (event loops of the origin or of our viewer, the timers of the page) says something about the machine and is',
  '  repeated; its numbers are not used.',
  '',
];

export const SAME: readonly string[] = [
  '## What counts as the same',
  '',
  '- A *rebuffer* is a wait of 150 ms and more after the first `playing`, from the `waiting` event (or a seek that interrupts',
  '  playing) to the next `playing`. Shorter ones are micro-waits: they exist in every log and nobody sees them.',
  '- Medians over the repeats are compared with medians over the repeats. Where the repeats of one side do not agree on the',
  '  number of rebuffers, the boundaries are the medians over those repeats that have the median number.',
  '- Rebuffers are matched by their order when both sides have as many, else by overlap in time. One without a partner is two',
  '  boundaries missed, a begin and an end.',
  '- A demand is judged over the conditions in which there was something to compare: a condition without any rebuffer says',
  '  nothing about where rebuffers begin, and does not count as a hit.',
  '- The end state (playing, waiting, frozen, ended, dead, never started) has to be the same in every single run.',
  '- Both sides are read up to the end of the shorter one. A wait that still goes on then is open, and lasts until then.',
  '',
];

export const MARGINAL: readonly string[] = [
  '## Marginal conditions',
  '',
  'After each time it ran dry, Chromium wants twice as much audio before it goes on. So a single millisecond can decide whether the',
  'next wait is 0.4 s or 0.8 s long, and two browsers on the same stream see different things. Three viewers of ours watch each',
  'run: one as it is, and two that decide to the other side where it is that close, and nowhere else: for FLV, media that came',
  'less than 40 ms before the viewer would have run dry comes too late, or media that came less than 40 ms after it comes in',
  'time; for HLS, the thresholds to go on lie 10 ms to the one or the other side, the one to stop 10 ms earlier or 25 ms later,',
  'and each append of the early one takes 12 ms longer.',
  '',
  '- A run is marginal when a shifted viewer disagrees with the one that is not shifted on the number of rebuffers, or on a',
  '  boundary by more than twice its bound: that is another decision.',
  "- A condition is marginal when more than half of its runs are, or when the browser's own repeats disagree on the number.",
  '- It then gives an interval, from the least to the most that any of our viewers saw. It is set apart only if the browser lies',
  '  inside: the number of rebuffers in every repeat, and the medians of all rebuffering and of latency within their bounds.',
  '  If not, it is judged like any other condition. First frame and end state are judged always.',
  '',
];

export const TO_REPEAT: readonly string[] = [
  '## To repeat it',
  '',
  "Debian's packages `chromium` and `ffmpeg`, and about two hours on two quiet cores:",
  '',
  '```sh',
  'npm ci && npm run build && npx tsc -p tsconfig.bench.json',
  '# all conditions, five times each; interrupted, it goes on where it was',
  'node dist-bench/bench/fidelity/run.js --set unseen --results bench/fidelity/results/unseen.ndjson',
  'node dist-bench/bench/fidelity/compare.js --results bench/fidelity/results/unseen.ndjson',
  'node dist-bench/bench/fidelity/print-fidelity.js --machine',
  '```',
  '',
  'Results of another model are never mixed with these: each carries a hash of the code that it depends on. New seeds, once the',
  'model has changed: take `bench/fidelity/unseen-seeds.json` away, `node dist-bench/bench/fidelity/draw-seeds.js`.',
];

/** What has changed in the model since a result was measured with it; by the hash of that model. */
export const CHANGED_SINCE: Readonly<Record<string, readonly string[]>> = {
  '0aea927a9118': [
    '- Since then the model has changed for streams of fewer than 10 pictures a second, which none of these conditions',
    '  has: their long steps from picture to picture are no longer taken for holes (`src/players/slow-streams.test.ts`).',
    '  That the pictures of any faster stream are seen as before, bit for bit: `src/players/pace.test.ts`.',
    '- And for a buffer with more than eight holes, which none of these conditions has: the model forgot the first of them',
    '  (`src/players/playout-lossy.test.ts`). With fewer it keeps and finds the same stretches as before.',
  ],
};
