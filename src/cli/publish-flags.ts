import { isIP } from 'node:net';
import { PUBLISH_FLAGS, type PublishFlags } from '../config/flags.js';
import { allowListOf, DEFAULT_STREAM_KEY } from '../config/target.js';
import { isLoopbackHost, parseBitrate, parseDuration, parseWhole } from '../config/values.js';
import { ConfigError, type ConfigIssue } from '../errors.js';
import type { AllowList } from '../net/allow-list.js';
import { inputHosts, inputSecrets, inputWords } from '../publish/input-words.js';
import type { PublishOptions, PublishSource, PublishVideo } from '../publish/options.js';

const KEY = /^[\w.~-]{1,200}$/;
const MIN_GOP_MS = 100;
const MAX_GOP_MS = 20_000;

/**
 * The flags of `dorami-load publish` as options.
 * @throws {ConfigError} with every problem
 */
export function resolvePublishFlags(
  flags: PublishFlags,
  before: readonly ConfigIssue[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
): PublishOptions {
  const issues: ConfigIssue[] = [...before];
  const allowed = allowListOf(flags['allow-target'] ?? [], issues);
  const { control, duration } = flags;
  const source = resolveSource(flags, allowed, issues);
  const video = resolveVideo(flags, issues);
  const { url, secrets } = resolveUrl(flags, env, allowed, issues);
  const controlPort = control === undefined ? undefined : parseWhole(control, 0, 65_535);
  if (control !== undefined && controlPort === undefined)
    issues.push({ path: '--control', problem: 'not a port', seen: control, wanted: '0 to 65535' });
  const clock = resolveClock(flags, issues);
  const durationMs = duration === undefined ? undefined : parseDuration(duration);
  if (
    duration !== undefined &&
    (durationMs === undefined || durationMs < 1000 || durationMs > MAX_DURATION_MS)
  )
    issues.push({
      path: '--duration',
      problem: 'cannot be used',
      seen: duration,
      wanted: 'e.g. 90s or 1h30m, from 1s to 480h',
    });
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    ...{ source, video, url },
    secrets: source.kind === 'input' ? [...secrets, ...inputSecrets(source.words)] : secrets,
    ...(controlPort === undefined ? {} : { controlPort }),
    ...(clock === undefined ? {} : { clock }),
    ...(durationMs === undefined ? {} : { durationMs }),
    quiet: flags.quiet === true,
  };
}

/** A timer cannot be set further ahead. */
const MAX_DURATION_MS = 480 * 3_600_000;

function resolveClock(flags: PublishFlags, issues: ConfigIssue[]): PublishOptions['clock'] {
  const { clock: seen, 'clock-host': host = PUBLISH_FLAGS['clock-host'].default ?? '' } = flags;
  if (seen === undefined) {
    if (flags['clock-host'] !== undefined) {
      issues.push({ path: '--clock-host', problem: 'goes with --clock, which says the port' });
    }
    return undefined;
  }
  const port = parseWhole(seen, 0, 65_535);
  if (port === undefined) issues.push({ path: '--clock', problem: 'not a port', seen, wanted: '0 to 65535' });
  if (isIP(host) === 0 && host !== 'localhost') {
    const wanted = 'an address of this machine, e.g. 10.0.0.5';
    issues.push({ path: '--clock-host', problem: 'not an address', seen: host.slice(0, 100), wanted });
  }
  return port === undefined ? undefined : { host, port };
}

function resolveSource(flags: PublishFlags, allowed: AllowList, issues: ConfigIssue[]): PublishSource {
  const { file, input } = flags;
  if (file !== undefined && input !== undefined)
    issues.push({ path: '--input', problem: 'goes without --file: there is one source' });
  if (file !== undefined) {
    if (file === '') issues.push({ path: '--file', problem: 'no file given' });
    return { kind: 'file', path: file };
  }
  if (input === undefined) return { kind: 'pattern' };
  const words = inputWords(input);
  if (words === undefined) {
    const wanted = "ffmpeg's words up to one -i with its input: --input='-f v4l2 -i /dev/video0'";
    issues.push({ path: '--input', problem: 'not one input', wanted });
    return { kind: 'pattern' };
  }
  for (const host of inputHosts(words)) checkHost('--input', host, allowed, issues);
  return { kind: 'input', words };
}

function resolveVideo(flags: PublishFlags, issues: ConfigIssue[]): PublishVideo {
  const given = (name: 'size' | 'rate' | 'bitrate' | 'audio-bitrate' | 'gop' | 'preset'): string =>
    flags[name] ?? PUBLISH_FLAGS[name].default ?? '';
  const check = <T>(
    name: Parameters<typeof given>[0] | 'tune',
    value: T | undefined,
    wanted: string,
  ): T | undefined => {
    const seen = name === 'tune' ? (flags.tune ?? '') : given(name);
    if (value === undefined) issues.push({ path: `--${name}`, problem: 'cannot be used', seen, wanted });
    return value;
  };
  const { preset, tune } = PUBLISH_FLAGS;
  const size = check('size', sizeOf(given('size')), 'e.g. 1280x720, even numbers from 16 to 4096') ?? [
    16, 16,
  ];
  const rate = check('rate', parseWhole(given('rate'), 1, 120), '1 to 120') ?? 1;
  const gopMs = check('gop', gopOf(given('gop')), 'e.g. 1s or 500ms, from 100ms to 20s') ?? MIN_GOP_MS;
  const bitsPerS = check('bitrate', bitsOf(given('bitrate'), 5e4, 1e8), 'e.g. 2500k, from 50k to 100M');
  const audio = check(
    'audio-bitrate',
    bitsOf(given('audio-bitrate'), 16e3, 512e3),
    'e.g. 128k, from 16k to 512k',
  );
  const known = (values: readonly string[] | undefined, text: string): string | undefined =>
    values?.find((value) => value === text);
  return {
    ...{ widthPx: size[0], heightPx: size[1], rate },
    gopFrames: Math.max(1, Math.round((gopMs * rate) / 1000)),
    ...{ bitsPerS: bitsPerS ?? 1, audioBitsPerS: audio ?? 1 },
    preset: check('preset', known(preset.values, given('preset')), (preset.values ?? []).join(', ')) ?? '',
    ...(flags.tune === undefined
      ? {}
      : { tune: check('tune', known(tune.values, flags.tune), (tune.values ?? []).join(', ')) ?? '' }),
  };
}

function resolveUrl(
  flags: PublishFlags,
  env: Readonly<Record<string, string | undefined>>,
  allowed: AllowList,
  issues: ConfigIssue[],
): Pick<PublishOptions, 'url' | 'secrets'> {
  const base = rtmpBase(flags.to ?? PUBLISH_FLAGS.to.default ?? '');
  const key = flags['stream-key'] ?? env.DORAMI_LOAD_STREAM_KEY ?? DEFAULT_STREAM_KEY;
  if (!KEY.test(key))
    issues.push({
      path: '--stream-key',
      problem: 'not a stream key',
      wanted: 'letters, digits, and . _ ~ - only',
    });
  if (base === undefined) {
    const wanted = 'rtmp(s)://host[:port]/app, the key in --stream-key';
    issues.push({ path: '--to', problem: 'not an RTMP address', wanted });
    return { url: '', secrets: [] };
  }
  checkHost('--to', base.host, allowed, issues);
  return { url: `${base.url}/${key}`, secrets: [key] };
}

function checkHost(path: string, host: string, allowed: AllowList, issues: ConfigIssue[]): void {
  // A name below localhost would be looked up by ffmpeg, not by us: only what is loopback for certain.
  if (host === 'localhost' || (isLoopbackHost(host) && !host.endsWith('.localhost'))) return;
  if (allowed.check(host) === 'allowed') return;
  issues.push({
    path,
    problem: `${host} is not on this machine and not allowed as a target`,
    wanted: `--allow-target ${host}, and only if it is yours`,
  });
}

/** One folder, the application; no credentials, query or fragment. */
function rtmpBase(text: string): { url: string; host: string } | undefined {
  const match = /^rtmps?:\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/[\w.~-]+\/?$/i.exec(text);
  if (match === null || Number(match[2] ?? 1) > 65_535) return undefined;
  const host = (match[1] as string).toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return { url: text.replace(/\/$/, ''), host };
}

/** 4:2:0 needs even numbers. */
function sizeOf(text: string): [number, number] | undefined {
  const [width, height, ...more] = text.split('x').map((side) => parseWhole(side, 16, 4096));
  if (width === undefined || height === undefined || more.length > 0) return undefined;
  return width % 2 === 0 && height % 2 === 0 ? [width, height] : undefined;
}

function gopOf(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= MIN_GOP_MS && ms <= MAX_GOP_MS ? ms : undefined;
}

function bitsOf(text: string, from: number, to: number): number | undefined {
  const bitsPerS = parseBitrate(text);
  return bitsPerS !== undefined && bitsPerS >= from && bitsPerS <= to ? bitsPerS : undefined;
}
