import type { OwnVu, WorkerTask } from '../protocol.js';

/** What a box says of itself before it gets any work. */
export interface BoxFacts {
  readonly id: string;
  /** Of dorami-load: boxes and coordinator must be of one. */
  readonly version: string;
  readonly nodeVersion: string;
  readonly hostname: string;
  /** `linux 6.1.0`. */
  readonly os?: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Absent = this system does not say. */
  readonly openFiles?: number;
  /** Threads that it will run. */
  readonly workers: number;
  /** Viewers in proportion to this; 1 or more. By default what the box says it carries (cores). */
  readonly weight: number;
  /** It takes no more viewers than this; absent = it does not say. */
  readonly maxVus?: number;
  /** Hosts that it may load, beside loopback: its own list, not the coordinator's. */
  readonly allowTargets: readonly string[];
}

/** The part of a run's configuration that all boxes are sent, once. */
export type BoxWork = Omit<
  WorkerTask,
  'port' | 'roster' | 'own' | 'worker' | 'workers' | 'box' | 'allowTargets' | 'localIps'
>;

/** The viewers of one box, by their numbers in the whole run; those with an account bring it. */
export interface BoxShare {
  readonly viewers: readonly OwnVu[];
}
