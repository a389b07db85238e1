/** What the process of simulated boxes is told. */
export interface BoxesJob {
  /** Of the broker, with its password. */
  readonly url: string;
  readonly boxes: number;
  readonly workers: number;
  /** Ticks of each worker before its last one. */
  readonly seconds: number;
  /** Lines of recorded ticks. */
  readonly ticksFile: string;
  /** Of dorami-load. */
  readonly version: string;
}
