/**
 * How soon after a fault something counts as back in time, ms. Counted where it is seen, so that a share is exact:
 * a histogram knows its samples to 0.1 % only.
 */
export const IN_TIME_MS = {
  /** Strategy 1.5, 5.1#8, scenario 4: a viewer after a network failure. */
  recovered: 5000,
  /** Strategy 1.5, 5.2 A6, scenario 4: the picture after the publisher's return. */
  picture: 10_000,
  /** Scenario 4: the rooms of the WebSocket. */
  rooms: 15_000,
} as const;
