import type { Hello } from '../cluster/agent-messages.js';
import type { Link } from '../cluster/link.js';
import { findAgents } from '../cluster/remote-fleet.js';
import type { BoxesSetting } from '../config/boxes.js';
import { PreflightError } from '../errors.js';
import { createAllowList } from '../net/allow-list.js';
import type { Target } from '../target.js';

export interface FindBoxes {
  readonly link: Pick<Link, 'askAll'>;
  readonly setting: Pick<BoxesSetting, 'least' | 'exactly' | 'waitMs'>;
  /** Of dorami-load. */
  readonly version: string;
  readonly target: Target;
  /** Where the run's own stage is; absent = the platform is one of others. */
  readonly stageHost?: string | undefined;
  nowMs(): number;
  wait(ms: number): Promise<void>;
  say(line: string): void;
}

/** All agents answer within this. */
const ASK_MS = 1000;

/**
 * Asks who is there until there are enough, or the wait is over. Says who is there, and once of each one that cannot be
 * used, why.
 * @throws {PreflightError} when there are too few, with the reasons of those that were there
 */
export async function findBoxes(find: FindBoxes): Promise<readonly Hello[]> {
  const { link, setting, nowMs, wait, say } = find;
  const { exactly, least, waitMs } = setting;
  const untilMs = nowMs() + waitMs;
  const refused = new Map<string, string>();
  let shown = '';
  for (;;) {
    const askedMs = nowMs();
    const all = await findAgents(link, Math.min(ASK_MS, Math.max(100, waitMs)), undefined);
    const good: Hello[] = [];
    for (const hello of all) {
      const { id } = hello.facts;
      const why = whyNot(hello, find);
      if (why === undefined) good.push(hello);
      if (why === undefined || refused.get(id) === why) continue;
      refused.set(id, why);
      say(`box ${id} is there and cannot be used: ${why}`);
    }
    for (const { facts } of good) refused.delete(facts.id);
    const names = good.map(({ facts }) => facts.id).join(', ');
    if (names !== shown) {
      say(
        `boxes: ${good.length} of ${exactly ?? `at least ${least}`} there${names === '' ? '' : ` (${names})`}`,
      );
    }
    shown = names;
    if (exactly !== undefined && good.length >= exactly) return good.slice(0, exactly);
    if (nowMs() >= untilMs) return enough(good, least, waitMs, refused);
    await wait(Math.max(0, Math.min(ASK_MS - (nowMs() - askedMs), untilMs - nowMs())));
  }
}

function enough(
  good: readonly Hello[],
  least: number,
  waitMs: number,
  refused: ReadonlyMap<string, string>,
): readonly Hello[] {
  if (good.length >= least) return good;
  const others = [...refused].map(([id, why]) => `; ${id}: ${why}`).join('');
  throw new PreflightError(
    `${good.length} of ${least} load boxes were there after ${waitMs / 1000} s${others} (start more with dorami-load agent)`,
  );
}

/** Why this box cannot be used, in words; undefined = it can. It looks at the target once more when it gets its work. */
function whyNot({ facts, run }: Hello, { version, target, stageHost }: FindBoxes): string | undefined {
  if (facts.version !== version) return `it runs dorami-load ${facts.version}, this is ${version}`;
  if (run !== undefined) return `it serves the run ${run}`;
  if (stageHost !== undefined && facts.hostname !== stageHost)
    return `the run's own stage is on ${stageHost} and takes connections from there only, this box is on ${facts.hostname}`;
  let allowed: ReturnType<typeof createAllowList>;
  try {
    allowed = createAllowList(facts.allowTargets);
  } catch {
    return 'its list of allowed targets cannot be read';
  }
  const hosts = [target.apiUrl, target.socketUrl, target.flvUrl, target.hlsUrl].map(
    (url) => new URL(url).hostname,
  );
  const closed = hosts.find((host) => allowed.check(host) === 'refused');
  return closed === undefined ? undefined : `it may not load ${closed} (its --allow-target)`;
}
