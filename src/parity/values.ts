import type { Comparison } from './checklist.js';

/** Whether two values mean the same; `note` says where that is known only in part. */
export interface Alike {
  readonly same: boolean;
  readonly note?: string;
}

/** Holds two values of a row against each other. */
export function alike(comparison: Comparison, first: string, second: string): Alike {
  switch (comparison) {
    case 'version':
      return sameVersion(first, second);
    case 'number':
      return { same: numberOf(first) === numberOf(second) };
    case 'bytes':
      return { same: bytesOf(first) === bytesOf(second) };
    case 'list':
      return { same: listOf(first) === listOf(second) };
    case 'text':
    case 'conf':
      return { same: plain(first) === plain(second) };
  }
}

/** `docker.io/library/redis:7-alpine` -> `redis:7-alpine`. */
export function imageName(image: string): string {
  return image
    .trim()
    .replace(/^(?:docker\.io|index\.docker\.io)\//, '')
    .replace(/^library\//, '');
}

/**
 * The tag of an image, a bare version or a sentence with one -> its parts, `16.4-alpine` -> 16, 4; undefined = there
 * is none in it.
 */
export function versionOf(text: string): readonly number[] | undefined {
  const found = /(?:^|[:\sv(])v?(\d+(?:\.\d+)*)(?=$|[-+\s),@])/i.exec(text.trim());
  return found?.[1]?.split('.').map(Number);
}

/** Two images are compared as they are named; else the versions, as far as both go. */
function sameVersion(first: string, second: string): Alike {
  const [one, other] = [imageName(first), imageName(second)];
  if (plain(one) === plain(other))
    return /:latest(?:@|$)|^[^:@]+\/[^:@]+$/.test(one) ? moving(one) : { same: true };
  const [parts, others] = [versionOf(one), versionOf(other)];
  if (parts === undefined || others === undefined || (isImage(one) && isImage(other))) return { same: false };
  const length = Math.min(parts.length, others.length);
  const same = parts.slice(0, length).join('.') === others.slice(0, length).join('.');
  if (!same || parts.length === others.length) return { same };
  return { same, note: `alike as far as both are known: ${parts.slice(0, length).join('.')}` };
}

function moving(image: string): Alike {
  return { same: true, note: `${image} is whatever was newest when it was pulled: compare the digests` };
}

function isImage(text: string): boolean {
  return /^[\w./-]+:[\w.-]+(?:@|$)/.test(text) || /^[\w.-]+\/[\w./-]+$/.test(text);
}

function numberOf(text: string): number | string {
  const digits = /\d[\d _,]*/.exec(text)?.[0].replace(/[ _,]/g, '');
  return digits === undefined ? plain(text) : Number(digits);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** As Redis reads sizes: `256mb` is 256 MiB, `256m` is 256 000 000 bytes. */
export function bytesOf(text: string): number | string {
  const found = /(\d+(?:\.\d+)?)\s*([kmg]?i?b?)\s*$/i.exec(text.trim());
  const unit = UNITS[(found?.[2] ?? '').toLowerCase()];
  return found === null || unit === undefined ? plain(text) : Number(found[1]) * unit;
}

function listOf(text: string): string {
  return text
    .split(/[,\n]/)
    .map((each) => plain(imageName(each)))
    .filter((each) => each !== '')
    .sort()
    .join(', ');
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}
