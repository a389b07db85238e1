import { type ConfDirective, walkConf } from '../nginx-conf/directive.js';

/** A directive with the blocks that it stands in, outermost first. */
export interface Placed {
  readonly directive: ConfDirective;
  readonly within: readonly ConfDirective[];
}

/** Every directive, blocks too, in the order of the file. */
export function everyDirective(directives: readonly ConfDirective[]): readonly Placed[] {
  return [...walkConf(directives)];
}

/**
 * The directives of a name that hold in a block, as nginx inherits them: those of the nearest level that has any. What
 * `nginx -T` prints has servers outside of `http`, for each file is printed by itself: the one `http` counts as theirs.
 */
export function inEffect(
  name: string,
  block: Placed,
  directives: readonly ConfDirective[],
): readonly ConfDirective[] {
  const http = directives.find((one) => one.name === 'http');
  const levels = [block.directive, ...[...block.within].reverse(), ...(http === undefined ? [] : [http])];
  for (const level of levels) {
    const own = (level.block ?? []).filter((one) => one.name === name);
    if (own.length > 0) return own;
  }
  return directives.filter((one) => one.name === name);
}

/** The last of them, which is the one that counts. */
export function lastOf(directives: readonly ConfDirective[]): ConfDirective | undefined {
  return directives.at(-1);
}

/** `60`, `60s`, `1m`, `500ms`, `1h30m` in ms; undefined = none of these (nginx, "Configuration file measurement units"). */
export function timeMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(ms|s|m|h|d)?)+$/.test(text)) return undefined;
  const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return [...text.matchAll(/(\d+)(ms|s|m|h|d)?/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? 's'] as number),
    0,
  );
}

/** `FILE:LINE`; what `nginx -T` prints names the file of each part, all else is in the one that was given. */
export function placeOf({ file, line }: Pick<ConfDirective, 'file' | 'line'>, given: string): string {
  return `${file ?? given}:${line}`;
}
