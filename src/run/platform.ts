import { setTimeout as delay } from 'node:timers/promises';
import type { RunConfig } from '../config.js';
import { parseFaultFlag } from '../stage/fault-spec.js';
import type { Target, ViewerIdentity } from '../target.js';
import { createTokenMint } from '../token-mint.js';
import { readUsersFile } from '../users.js';
import { findLeftOpen, type LeftOpen } from './left-open.js';
import { type StageProcess, startStage } from './stage-process.js';

/** What the viewers will meet, and who they are. */
export interface Platform {
  readonly target: Target;
  /** One per VU; empty = guests only. */
  readonly identities: readonly ViewerIdentity[];
  /** Base of the control API, where this is a stage of our own. */
  readonly controlUrl?: string;
  /** Plants the faults that count in run time; `inMs` from now is run time 0. */
  plantFaults(inMs: number): Promise<void>;
  /** Resolves with words when our own stage ended by itself; never for a platform of others. */
  readonly stageDied: Promise<string>;
  /** What of the run is still open on it when all have left; undefined = nothing, or nobody to ask. */
  leftOpen(): Promise<LeftOpen | undefined>;
  /** Stops what was started here. */
  close(): Promise<void>;
  /** The same at once, without waiting. */
  kill(): void;
}

/**
 * Finds the platform of a run: the one that was named, or a stage of our own that is started here.
 * @throws {ConfigError} for a users file or a stage fault that cannot be used
 */
export async function openPlatform(config: RunConfig, start = startStage): Promise<Platform> {
  if (config.target.kind === 'platform') {
    return {
      target: config.target.target,
      identities: await identitiesOf(config),
      plantFaults: async () => {},
      stageDied: new Promise(() => {}),
      leftOpen: async () => undefined,
      close: async () => {},
      kill: () => {},
    };
  }
  // Checked before anything is started. A fault without a time is there from the stage's start, before anyone
  // comes; all others count in run time.
  const faults = config.target.faults.map((text) => ({ text, spec: parseFaultFlag(text) }));
  const isAlways = ({ text, spec }: (typeof faults)[number]): boolean =>
    spec.forSeconds === undefined && !/[:,]at=/.test(text);
  const { streamKey } = config.target;
  const stage = await start({
    ...(streamKey !== undefined ? { streamKey } : {}),
    faults: faults.filter(isAlways).map(({ text }) => text),
  });
  try {
    return await stagePlatform(
      stage,
      config.maxVus,
      faults.filter((fault) => !isAlways(fault)).map(({ spec }) => spec),
    );
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/**
 * The accounts of the users file, each with a token. With the platform's secret the tokens are made here, and nothing
 * else of the file is used to sign in: a refresh token would hide that the secret is another platform's.
 */
async function identitiesOf({ usersFile, maxVus: vus, jwtSecret }: RunConfig): Promise<ViewerIdentity[]> {
  if (usersFile === undefined) return [];
  if (jwtSecret === undefined) return readUsersFile(usersFile, vus);
  const users = await readUsersFile(usersFile, vus, { accessToken: false });
  const mint = createTokenMint(jwtSecret.reveal(), Date.now);
  return Promise.all(
    users.map(async ({ refreshToken: _unused, ...user }) => ({ ...user, accessToken: await mint(user) })),
  );
}

async function stagePlatform(
  stage: StageProcess,
  vus: number,
  faults: readonly ReturnType<typeof parseFaultFlag>[],
): Promise<Platform> {
  return {
    target: stage.target,
    controlUrl: stage.controlUrl,
    identities: await stage.users(vus),
    async plantFaults(inMs) {
      for (const { parameters, ...spec } of faults) {
        await stage.plant({ ...parameters, ...spec, atSeconds: spec.atSeconds + inMs / 1000 });
      }
    },
    stageDied: stage.died,
    leftOpen: () => findLeftOpen(stage.counts, (ms) => delay(ms)),
    close: () => stage.stop(),
    kill: () => stage.kill(),
  };
}
