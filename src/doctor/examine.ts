import type { RunConfig } from '../config.js';
import { PreflightError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import { createConnector } from '../net/connect.js';
import { createHttpFactory } from '../net/http-node.js';
import { createViewerHome } from '../net/viewer-home.js';
import { judgeTokens } from '../preflight/tokens.js';
import type { Platform } from '../run/platform.js';
import { lookAtPlatform } from '../run/preflight.js';
import type { PublisherClockLink } from '../run/publisher-clock.js';
import { createClock } from '../seams-node.js';
import type { Target } from '../target.js';
import type { Finding } from './finding.js';
import { limitProbes } from './limit-probes.js';
import { loadNeed } from './load-need.js';
import { measureReach, reachFinding } from './reach.js';
import { readServerClock } from './server-date.js';
import { offsetFindings, serverClockFinding, targetFindings, tokenFindings } from './target-findings.js';

export interface ExamineInput {
  readonly config: RunConfig;
  readonly platform: Pick<Platform, 'target' | 'identities'>;
  readonly publisherClock: PublisherClockLink;
  /** Length of the run. */
  readonly runMs: number;
  /** Files that this process may open; absent = as many as it likes. */
  readonly openFiles: number | undefined;
  readonly probes: boolean;
  readonly stop: Promise<unknown>;
  /** Told of what is about to be sent, before it is. */
  say(line: string): void;
}

/** Looks at the platform: as the preflight of a run, then how it is reached, then at limits. */
export async function examinePlatform(input: ExamineInput): Promise<readonly Finding[]> {
  const { config, platform, publisherClock, runMs, say } = input;
  const { target, identities } = platform;
  const secretVariable = config.jwtSecret?.variable;
  const tokens = judgeTokens({ identities, runMs, secretVariable, nowEpochMs: Date.now() });
  say('looking at REST, sockets and media as one viewer does');
  const looked = await lookAll(input);
  const known = [
    ...tokenFindings(tokens),
    ...looked.findings,
    ...targetFindings([publisherClock.check]),
    ...offsetFindings(publisherClock.record),
    ...(config.insecure ? [INSECURE] : []),
  ];
  if (!looked.answers)
    return [...known, { ...NOT_PROBED, text: 'not looked for: the platform does not answer' }];
  return [...known, ...(await measured(input, target))];
}

const INSECURE: Finding = {
  ...{ id: 'insecure', area: 'target', severity: 'warning' },
  text: '--insecure: TLS certificates are not checked, anybody could answer',
  fix: 'NODE_EXTRA_CA_CERTS=FILE with the authority of the platform, and no --insecure',
};
const NOT_PROBED = { id: 'limits', area: 'limits', severity: 'unknown' } as const;

interface Looked {
  readonly findings: readonly Finding[];
  readonly answers: boolean;
}

/** A refused account is a finding like others: a guest sees the rest. */
async function lookAll({ config, platform, publisherClock, stop }: ExamineInput): Promise<Looked> {
  const { target, identities } = platform;
  const look = async (who: typeof identities): Promise<Looked> => {
    const check = { config, target, identities: who, publisherClock, stop };
    return { findings: targetFindings((await lookAtPlatform(check)).checks), answers: true };
  };
  try {
    return await look(identities);
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error;
    const refused = refusal(error, identities.length > 0);
    if (identities.length === 0) return { findings: [refused], answers: false };
    const asGuest = await look([]).catch((again: unknown) => {
      if (again instanceof PreflightError) return undefined;
      throw again;
    });
    if (asGuest === undefined) return { findings: [refusal(error, false)], answers: false };
    return { findings: [refused, ...asGuest.findings], answers: true };
  }
}

function refusal({ message }: PreflightError, ofAccount: boolean): Finding {
  const about = { area: 'target', severity: 'error', text: message } as const;
  if (ofAccount)
    return { ...about, id: 'account', fix: 'tokens of this platform that are still good: --users' };
  return {
    ...about,
    id: 'platform',
    fix: 'start the platform, or name the right one: --target, --api-url and the like',
  };
}

async function measured(input: ExamineInput, target: Target): Promise<readonly Finding[]> {
  const { config, probes, openFiles, say } = input;
  const clock = createClock(performance.timeOrigin + performance.now());
  const net = { allowList: createAllowList(config.allowTargets), insecure: config.insecure };
  const home = createViewerHome(config.localIps, 0);
  const connector = createConnector(net).from(home);
  const factory = createHttpFactory({ clock, ...net });
  const https = [factory.forViewer(home), factory.forViewer(home)] as const;
  const [http] = https;
  const isStage = config.target.kind === 'stage';
  const findings: Finding[] = [];
  try {
    for (const origin of originsOf(target)) {
      const reach = await measureReach(connector, origin, () => clock.nowMs());
      findings.push(reachFinding(origin, reach, isStage));
    }
    const api = new URL(target.apiUrl).origin;
    const range = await readServerClock({ http, clock }, `${target.apiUrl}/api/health/live`);
    const saysSame = config.captureClock.kind === 'same';
    findings.push(serverClockFinding(api, range, saysSame));
    const all = limitProbes({ target, need: loadNeed(config), openFiles, connector, clock, https });
    if (!probes) return [...findings, { ...NOT_PROBED, text: 'not looked for: --no-probes' }];
    for (const { words, run } of all) {
      say(`probing limits: ${words}`);
      findings.push(await run());
    }
    return findings;
  } finally {
    for (const one of https) one.close();
  }
}

function originsOf({ apiUrl, socketUrl, flvUrl, hlsUrl }: Target): readonly string[] {
  return [...new Set([apiUrl, socketUrl, flvUrl, hlsUrl].map((url) => new URL(url).origin))];
}
