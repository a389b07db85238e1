import type { Conf, ConfDirective } from '../nginx-conf/directive.js';
import { everyDirective, inEffect, lastOf, type Placed, placeOf, timeMs } from './config-tree.js';
import type { Finding, Severity } from './finding.js';
import type { LoadNeed } from './load-need.js';

/** FLV and WebSocket of a viewer, each with a side to it and one to the server behind. */
const SLOTS_PER_VIEWER = 4;
/** engine.io's ping comes every 25 s: whoever hangs up earlier cuts off silent sockets. */
const LEAST_SOCKET_TIMEOUT_MS = 30_000;
/** What nginx has when nothing is said. */
const USUAL_WORKER_CONNECTIONS = 512;
/** What systems usually let a process open. */
const USUAL_OPEN_FILES = 1024;

interface Look {
  readonly directives: readonly ConfDirective[];
  readonly all: readonly Placed[];
  readonly need: LoadNeed;
  found(id: string, severity: Severity, text: string, fix: string, at?: ConfDirective): Finding;
}

/** What is known to go wrong with a configuration of nginx, best as `nginx -T` prints it. Pure. */
export function nginxTraps({ directives }: Conf, file: string, need: LoadNeed): readonly Finding[] {
  const look: Look = {
    ...{ directives, need, all: everyDirective(directives) },
    found: (id, severity, text, fix, at) => ({
      ...{
        id,
        area: 'configuration',
        severity,
        text,
        fix,
        where: at === undefined ? file : placeOf(at, file),
      },
    }),
  };
  return [workers, connectionLimits, requestLimits, locations, logs, statusPage, includes].flatMap((trap) =>
    trap(look),
  );
}

function named(all: readonly Placed[], name: string): readonly ConfDirective[] {
  return all.filter(({ directive }) => directive.name === name).map(({ directive }) => directive);
}

function workers({ all, need, found }: Look): Finding[] {
  const connections = lastOf(named(all, 'worker_connections'));
  // A part of a configuration, without the main file: nothing is known.
  if (connections === undefined && named(all, 'events').length === 0) return [];
  const each = Number(connections?.args[0] ?? USUAL_WORKER_CONNECTIONS);
  const count = lastOf(named(all, 'worker_processes'))?.args[0] ?? '1';
  const wanted = need.vus * SLOTS_PER_VIEWER;
  const findings: Finding[] = [];
  const told = `worker_connections ${each}: ${need.vus} viewers take about ${wanted}, for each one has an FLV body and a WebSocket, both with a side to the client and one to the server behind`;
  const fix = `write worker_connections ${Math.max(4096, 2 ** Math.ceil(Math.log2(wanted * 1.5)))};`;
  const known = /^\d+$/.test(count);
  if (wanted > each * (known ? Number(count) : 1)) {
    const more = known
      ? ` (${count} worker${count === '1' ? '' : 's'})`
      : ` (worker_processes ${count}: enough only with ${Math.ceil(wanted / each)} and more)`;
    findings.push(found('worker_connections', known ? 'error' : 'warning', told + more, fix, connections));
  }
  const files = Number(lastOf(named(all, 'worker_rlimit_nofile'))?.args[0] ?? USUAL_OPEN_FILES);
  if (Math.min(each, wanted) > files) {
    const text = `a worker may open ${files} files${files === USUAL_OPEN_FILES ? ' (unless its service says more)' : ''}, fewer than its connections`;
    findings.push(
      found(
        'worker_rlimit_nofile',
        'warning',
        text,
        `write worker_rlimit_nofile ${each * 2}; at the top`,
        connections,
      ),
    );
  }
  return findings;
}

const EXEMPT =
  'let the generator through while it is tested: key the zone by a geo or map variable that is empty for its address';

function connectionLimits({ all, need, found }: Look): Finding[] {
  return named(all, 'limit_conn').flatMap((limit) => {
    const [zone = '', seen = ''] = limit.args;
    const most = Number(seen);
    if (!Number.isFinite(most)) return [];
    const key = zoneKey(all, 'limit_conn_zone', zone);
    const text = `limit_conn ${most} per ${key}: the run holds about ${need.heldPerAddress} connections open from one address`;
    const severity = isPerClient(key) && need.heldPerAddress > most ? 'error' : 'warning';
    const fix = `${EXEMPT}; or --local-ips with ${Math.ceil((need.heldPerAddress * need.addresses) / Math.max(1, most))} addresses, or as many boxes`;
    return [found('limit_conn', severity, text, fix, limit)];
  });
}

function requestLimits({ all, need, found }: Look): Finding[] {
  return named(all, 'limit_req').flatMap((limit) => {
    const { args } = limit;
    const zone = optionOf(args, 'zone') ?? '';
    const definition = zoneOf(all, 'limit_req_zone', zone);
    const perS = ratePerS(optionOf(definition?.args ?? [], 'rate'));
    if (perS === undefined) return [];
    const key = definition?.args[0] ?? '?';
    const wanted = Math.round(need.callsPerS * 10) / 10;
    const text = `limit_req ${perS} requests a second per ${key}${burstWords(args)}: the run's calls of the API are about ${wanted} a second from one address, many more as viewers join`;
    const severity = isPerClient(key) && need.callsPerS > perS ? 'error' : 'warning';
    const fix = `${EXEMPT}; or --local-ips with ${Math.max(2, Math.ceil((need.callsPerS * need.addresses) / perS))} addresses, or as many boxes`;
    return [found('limit_req', severity, text, fix, limit)];
  });
}

function burstWords(args: readonly string[]): string {
  const burst = optionOf(args, 'burst');
  if (burst === undefined) return ' without a burst';
  return `, burst ${burst}${args.includes('nodelay') ? '' : ' (delayed: answers come late, not refused)'}`;
}

function optionOf(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}

function zoneOf(all: readonly Placed[], directive: string, name: string): ConfDirective | undefined {
  return named(all, directive).find(({ args }) => optionOf(args, 'zone')?.split(':')[0] === name);
}

function zoneKey(all: readonly Placed[], directive: string, name: string): string {
  return zoneOf(all, directive, name)?.args[0] ?? `zone ${name}`;
}

/** A limit of a server counts everybody and is the platform's own; one of a client's address counts the generator as one. */
function isPerClient(key: string): boolean {
  return /remote_addr|x_forwarded_for|realip/.test(key);
}

/** `10r/s`, `30r/m`. */
function ratePerS(text: string | undefined): number | undefined {
  const [, count, unit] = /^(\d+)r\/([sm])$/.exec(text ?? '') ?? [];
  if (count === undefined) return undefined;
  return unit === 'm' ? Number(count) / 60 : Number(count);
}

function locations({ all, directives, found }: Look): Finding[] {
  const places = all.filter(({ directive }) => directive.name === 'location');
  return places.flatMap((place) => {
    const { directive } = place;
    if (lastOf(directive.block?.filter(({ name }) => name === 'proxy_pass') ?? []) === undefined) return [];
    const path = directive.args.at(-1) ?? '';
    const setting = (name: string): ConfDirective | undefined => lastOf(inEffect(name, place, directives));
    if (/socket\.io/.test(path)) return socketTraps(path, place, setting, { directives, found });
    const isFlv = /flv/.test(path) || /^\/live\/live/.test(path);
    if (!isFlv || setting('proxy_buffering')?.args[0] === 'off') return [];
    const said = setting('proxy_buffering');
    const text = `location ${path} with proxy_buffering on${said === undefined ? ' (the default)' : ''}: FLV is held back until a buffer is full, so that pictures come later and in lumps`;
    return [
      found(
        'proxy_buffering',
        'warning',
        text,
        `write proxy_buffering off; in location ${path}`,
        said ?? directive,
      ),
    ];
  });
}

function socketTraps(
  path: string,
  place: Placed,
  setting: (name: string) => ConfDirective | undefined,
  { directives, found }: Pick<Look, 'directives' | 'found'>,
): Finding[] {
  const findings: Finding[] = [];
  const timeout = setting('proxy_read_timeout');
  const timeoutMs = timeMs(timeout?.args[0]);
  if (timeout !== undefined && timeoutMs !== undefined && timeoutMs < LEAST_SOCKET_TIMEOUT_MS) {
    const text = `proxy_read_timeout ${timeout.args[0]} in location ${path}: sockets are cut off between two pings, which come every 25 s`;
    const fix = `write proxy_read_timeout 86400s; in location ${path}`;
    findings.push(found('proxy_read_timeout', 'error', text, fix, timeout));
  }
  const upgrades = inEffect('proxy_set_header', place, directives).some(({ args }) =>
    /^upgrade$/i.test(args[0] ?? ''),
  );
  if (!upgrades || setting('proxy_http_version')?.args[0] !== '1.1') {
    const text = `location ${path} passes no WebSocket on: viewers stay with polling, or get no socket at all`;
    const fix =
      'write proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';
    findings.push(found('websocket_upgrade', 'error', text, fix, place.directive));
  }
  return findings;
}

function logs({ all, found }: Look): Finding[] {
  const uses = named(all, 'access_log');
  const on = uses.filter(({ args }) => args[0] !== 'off');
  const findings = on
    .filter(({ args }) => args.some((arg) => /^(buffer|flush|gzip)/.test(arg)))
    .map((log) => {
      const lumps = log.args.filter((arg) => /^(buffer|flush|gzip)/.test(arg)).join(' ');
      const text = `access_log ${log.args[0]} is written in lumps (${lumps}): what it says comes later than it happened`;
      const fix = 'write access_log without buffer=, flush= and gzip for the time of the test';
      return found('access_log_buffer', 'warning', text, fix, log);
    });
  const formats = named(all, 'log_format');
  const untimed = on.find(({ args: [, format = 'combined'] }) => {
    const text =
      formats
        .find(({ args }) => args[0] === format)
        ?.args.slice(1)
        .join('') ?? '';
    return !text.includes('$request_time');
  });
  if (untimed !== undefined) {
    const text = `access_log ${untimed.args[0]} has no $request_time: how long answers took is not to be had from it`;
    const fix = 'use the log_format "timed" of docs/collect.md';
    findings.push(found('log_format', 'warning', text, fix, untimed));
  }
  return findings;
}

function statusPage({ all, found }: Look): Finding[] {
  if (named(all, 'server').length === 0 || named(all, 'stub_status').length > 0) return [];
  const fix = 'write location = /nginx_status { stub_status; allow 127.0.0.1; deny all; access_log off; }';
  return [
    found('stub_status', 'warning', 'stub_status is served nowhere: connections cannot be watched', fix),
  ];
}

/** Parts that lie in other files; what `nginx -T` prints has them all, so there an include hides nothing. */
function includes({ all, directives, found }: Look): Finding[] {
  const files = named(all, 'include').filter(
    ({ args }) => !/mime\.types$|fastcgi|uwsgi|scgi/.test(args[0] ?? ''),
  );
  const [first] = files;
  const isPrinted =
    directives.some(({ name }) => name === 'server') && directives.some(({ name }) => name === 'http');
  if (first === undefined || isPrinted) return [];
  const text = `include ${first.args[0]}: what stands there was not read`;
  return [
    found(
      'include',
      'warning',
      text,
      'give what nginx -T prints: --nginx-config <(nginx -T 2>/dev/null)',
      first,
    ),
  ];
}
