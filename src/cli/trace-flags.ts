import { unknownName } from '../config/did-you-mean.js';
import type { RunFlags, TraceFlags } from '../config/flags.js';
import type { ConfigIssue } from '../errors.js';

const PROTOCOLS = ['flv', 'hls'] as const;
const DEFAULT_DURATION = '60s';

/** The flags of a run that `trace` takes over as they are. */
export function runFlagsOf({ protocol: _protocol, ...line }: TraceFlags): RunFlags {
  return line;
}

/**
 * One viewer, followed, and no load: what `trace` makes of everything that was given. The length, the number of viewers
 * and the profile that a settings file names are those of loads and do not hold here.
 */
export function followOne(given: RunFlags, line: TraceFlags, issues: ConfigIssue[]): RunFlags {
  const {
    mix: _mix,
    workers: _workers,
    'local-ips': _ips,
    hold: _hold,
    'time-scale': _scale,
    steps: _steps,
    'target-vus': _target,
    ctl: _ctl,
    dashboard: _dashboard,
    'max-vus': _max,
    arrivals: _arrivals,
    ...kept
  } = given;
  const seen = line.protocol ?? 'flv';
  const protocol = PROTOCOLS.find((name) => name === seen);
  if (protocol === undefined) {
    const unknown = unknownName('protocol', seen, PROTOCOLS, PROTOCOLS.join(' or '));
    issues.push({ path: '--protocol', seen, ...unknown });
  }
  return {
    ...kept,
    profile: 'baseline',
    vus: '1',
    'trace-vu': ['0'],
    mix: protocol === 'hls' ? 'hls=100,flv=0' : 'hls=0,flv=100',
    duration: line.duration ?? DEFAULT_DURATION,
    'print-plan': false,
    'print-config': false,
  };
}
