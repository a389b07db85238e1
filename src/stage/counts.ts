/** What the stage has served so far, for whoever checks a run's own numbers against the server's. */
export interface StageCounts {
  flv: { viewersNow: number; viewersTotal: number; waitingNow: number; tags: number; bodyBytes: number };
  hls: {
    sessionsNow: number;
    sessionsTotal: number;
    masters: number;
    playlists: number;
    playlistBodyBytes: number;
    segments: number;
    segmentBodyBytes: number;
    notFound: number;
  };
  sockets: { connectionsNow: number; connectionsTotal: number; namespaces: Record<string, number> };
  chat: { accepted: number; deliveries: number; refused: number; joins: number };
  viewers: { joins: number; leaves: number; now: number };
  rest: Record<string, Record<string, number>>;
  restBodyBytes: number;
}

export function emptyCounts(): StageCounts {
  return {
    flv: { viewersNow: 0, viewersTotal: 0, waitingNow: 0, tags: 0, bodyBytes: 0 },
    hls: {
      ...{ sessionsNow: 0, sessionsTotal: 0, masters: 0, playlists: 0, playlistBodyBytes: 0 },
      ...{ segments: 0, segmentBodyBytes: 0, notFound: 0 },
    },
    sockets: { connectionsNow: 0, connectionsTotal: 0, namespaces: {} },
    chat: { accepted: 0, deliveries: 0, refused: 0, joins: 0 },
    viewers: { joins: 0, leaves: 0, now: 0 },
    rest: {},
    restBodyBytes: 0,
  };
}

/** Adds one answer of a REST route (`GET /api/products`) to the table. Routes come from a fixed list. */
export function countRest(counts: StageCounts, route: string, status: number, bodyBytes: number): void {
  const byStatus = counts.rest[route] ?? {};
  counts.rest[route] = byStatus;
  byStatus[status] = (byStatus[status] ?? 0) + 1;
  counts.restBodyBytes += bodyBytes;
}
