import type { ConfigIssue } from '../errors.js';
import type { AllowList } from '../net/allow-list.js';
import type { RunFlags } from './flags.js';
import { hostOf, isLoopbackHost, parseBaseUrl } from './values.js';

/** Where the faults of a profile can be made; absent = nowhere. */
export interface FaultControls {
  /** Base of a stage's control API. */
  readonly stageUrl?: string;
  /** Base of a publisher's control API. */
  readonly publisherUrl?: string;
}

/** Reads the URLs of the controls: of this machine, or of a host that may be loaded. */
export function resolveControls(flags: RunFlags, allowed: AllowList, issues: ConfigIssue[]): FaultControls {
  const stageUrl = controlUrl('--stage-control', flags['stage-control'], allowed, issues);
  const publisherUrl = controlUrl('--publisher-control', flags['publisher-control'], allowed, issues);
  return {
    // As it is printed by a stage, with the path of its API.
    ...(stageUrl === undefined ? {} : { stageUrl: stageUrl.replace(/\/__stage$/, '') }),
    ...(publisherUrl === undefined ? {} : { publisherUrl }),
  };
}

function controlUrl(
  path: string,
  seen: string | undefined,
  allowed: AllowList,
  issues: ConfigIssue[],
): string | undefined {
  if (seen === undefined) return undefined;
  const url = parseBaseUrl(seen);
  if (url === undefined) {
    issues.push({ path, problem: 'not the URL of a control API', wanted: 'e.g. http://127.0.0.1:9001' });
    return undefined;
  }
  const host = hostOf(url);
  if (isLoopbackHost(host) || allowed.check(host) === 'allowed') return url;
  const problem = `${host} is not on this machine and not allowed as a target`;
  issues.push({ path, problem, wanted: `--allow-target ${host}` });
  return undefined;
}
