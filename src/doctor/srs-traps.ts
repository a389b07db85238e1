import type { Conf, ConfDirective } from '../nginx-conf/directive.js';
import { everyDirective, placeOf } from './config-tree.js';
import type { Finding, Severity } from './finding.js';
import type { LoadNeed } from './load-need.js';

/** A setting of SRS that is known to spoil runs, or to be misread. */
interface Trap {
  /** Blocks and name of the setting from the outside in, without `vhost`; the outer ones may be left out. */
  readonly path: readonly string[];
  readonly severity: Severity;
  /** Whether this value is the trap. */
  isSet(value: string, need: LoadNeed): boolean;
  readonly why: string;
  readonly fix: string;
}

const isOff = (value: string): boolean => value === 'off' || value === 'false' || value === 'no';
const isOn = (value: string): boolean => !isOff(value);
const below =
  (least: number) =>
  (value: string): boolean =>
    Number(value) < least;

/**
 * Known traps of SRS 6. Only what keeps viewers or the stream away spoils a run; what makes the platform slow is what a
 * run is there to show, but whoever reads its figures must know where they come from.
 */
const TRAPS: readonly Trap[] = [
  {
    path: ['play', 'mw_latency'],
    severity: 'warning',
    isSet: below(100),
    why: 'each FLV viewer makes SRS, which has one thread, look about every millisecond: its core runs out first, at few viewers',
    fix: 'mw_latency 350; (the default), or 100 at least',
  },
  {
    path: ['play', 'gop_cache_max_frames'],
    severity: 'warning',
    isSet: below(250),
    why: 'it counts messages of sound too, about 75 a second: the cache overflows within a picture group, is emptied in its middle, and new FLV viewers wait for the next keyframe',
    fix: 'gop_cache_max_frames 2500; (the default), or more than the messages of one picture group',
  },
  {
    path: ['play', 'gop_cache'],
    severity: 'warning',
    isSet: isOff,
    why: 'each new FLV viewer waits for the next keyframe: the first frame comes up to one keyframe interval later',
    fix: 'gop_cache on;',
  },
  {
    path: ['play', 'queue_length'],
    severity: 'warning',
    isSet: below(5),
    why: 'a viewer that reads late loses all but the headers, and times leap: also one whose generator was late for so long',
    fix: 'queue_length 10;',
  },
  {
    path: ['play', 'mix_correct'],
    severity: 'warning',
    isSet: isOn,
    why: 'times are made anew by SRS: they are no longer those of the encoder',
    fix: 'mix_correct off;',
  },
  {
    path: ['max_connections'],
    severity: 'error',
    isSet: (value, { mediaHeld, vus }) => Number(value) < Math.max(mediaHeld, vus) + 10,
    why: 'the viewers of the run, the publisher and the API do not fit: those beyond are cut off',
    fix: 'max_connections 5000;, and as many open files for SRS',
  },
  {
    path: ['threads'],
    severity: 'warning',
    isSet: (value) => /^\d+$/.test(value) && Number(value) > 1,
    why: 'SRS 6 does not read it: media is one thread, so one core, whatever it says',
    fix: 'take it out, and count on one core for media',
  },
  {
    path: ['srs_log_level'],
    severity: 'warning',
    isSet: (value) => value === 'warn' || value === 'error',
    why: 'lines about dropped frames and lost viewers may not be written: their rows stay without data',
    fix: 'srs_log_level trace; for the time of the test',
  },
  {
    path: ['http_api', 'enabled'],
    severity: 'error',
    isSet: isOff,
    why: 'the backend finds no stream in it and ends the live stream within minutes; nor can SRS be watched under load',
    fix: 'http_api { enabled on; listen 1985; }',
  },
  {
    path: ['http_remux', 'enabled'],
    severity: 'error',
    isSet: (value, { flv }) => flv && isOff(value),
    why: 'there is no HTTP-FLV',
    fix: 'http_remux { enabled on; mount [vhost]/[app]/[stream].flv; }, or --mix hls=100,flv=0',
  },
  {
    path: ['hls', 'enabled'],
    severity: 'error',
    isSet: (value, { hls }) => hls && isOff(value),
    why: 'there is no HLS',
    fix: 'hls { enabled on; }, or --mix hls=0,flv=100',
  },
  {
    path: ['hls', 'hls_ctx'],
    severity: 'warning',
    isSet: isOff,
    why: 'SRS does not know its HLS viewers apart: none of its counts has them',
    fix: 'hls_ctx on; (the default)',
  },
  {
    path: ['hls', 'hls_wait_keyframe'],
    severity: 'warning',
    isSet: isOff,
    why: 'segments begin anywhere: a player that joins shows nothing until a keyframe comes',
    fix: 'hls_wait_keyframe on; (the default)',
  },
  {
    path: ['publish', 'mr'],
    severity: 'warning',
    isSet: isOn,
    why: 'what the publisher sends is gathered before it is passed on: it comes that much later',
    fix: 'mr off;',
  },
  {
    path: ['tcp_nodelay'],
    severity: 'warning',
    isSet: isOff,
    why: 'small messages wait for the answer to the one before',
    fix: 'tcp_nodelay on;',
  },
];

/** What is known to go wrong with a configuration of SRS; `file` as messages name it. Pure. */
export function srsTraps({ directives }: Conf, file: string, need: LoadNeed): readonly Finding[] {
  const all = everyDirective(directives);
  const found = all.flatMap(({ directive, within }) => {
    const { name, args, block } = directive;
    const [value] = args;
    if (block !== undefined || value === undefined) return [];
    const path = [...within.map((outer) => outer.name), name];
    const trap = TRAPS.find((one) => endsWith(path, one.path) && one.isSet(value, need));
    if (trap === undefined) return [];
    const { severity, why, fix } = trap;
    // `enabled` alone says nothing of what is.
    const called = name === 'enabled' ? trap.path : [name];
    return [
      finding(
        called.join('_'),
        severity,
        `${called.join(' ')} ${value}: ${why}`,
        fix,
        placeOf(directive, file),
      ),
    ];
  });
  return [...found, ...all.flatMap(({ directive }) => windowTrap(directive, file))];
}

/** `path` is the trap's own, with any blocks around it; a setting of the top level has none around it. */
function endsWith(path: readonly string[], wanted: readonly string[]): boolean {
  if (wanted.length === 1 && path.length > 1 && path[0] !== 'vhost') return false;
  return wanted.every((name, index) => path[path.length - wanted.length + index] === name);
}

/** hls.js wants to begin three segments behind the newest: with fewer in the list it begins at its oldest one. */
const LEAST_SEGMENTS = 3;

function windowTrap({ name, block = [] }: ConfDirective, file: string): Finding[] {
  if (name !== 'hls') return [];
  const window = block.find((one) => one.name === 'hls_window');
  const fragment = block.find((one) => one.name === 'hls_fragment');
  const [windowS, fragmentS] = [Number(window?.args[0]), Number(fragment?.args[0])];
  if (window === undefined || !(windowS < LEAST_SEGMENTS * fragmentS)) return [];
  const why = `hls_window ${windowS} with hls_fragment ${fragmentS}: seconds, not segments: fewer than ${LEAST_SEGMENTS} are in the list, and what a player asks for may just have been deleted`;
  const fix = `hls_window ${Math.ceil(fragmentS * (LEAST_SEGMENTS + 1))};`;
  return [finding('hls_window', 'warning', why, fix, placeOf(window, file))];
}

function finding(id: string, severity: Severity, text: string, fix: string, where: string): Finding {
  return { id, area: 'configuration', severity, text, fix: `write ${fix}`, where };
}
