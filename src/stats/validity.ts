/** What only the run itself can say about the generator; the rest is read from the ticks. */
export interface GeneratorFacts {
  readonly workersPlanned: number;
  /** Threads that ended without being asked to. */
  readonly workersDied: number;
  /**
   * True when the run came to its end in order (by plan or by one signal): then every worker's last tick must be
   * there. False for a run that was killed: it is judged up to its last tick.
   */
  readonly completed: boolean;
}

export interface InvalidReason {
  readonly code: string;
  /** One sentence with the number seen and the limit. */
  readonly text: string;
}
