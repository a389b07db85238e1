import { ALL_LINE_KINDS, type FieldSpec, type LINE_KINDS, type LineKind } from './line-kinds.js';

/** A fact of an event: what it says beside its name. */
export type Fact = number | string | boolean;
export type Facts = Readonly<Record<string, Fact>>;

interface TypeOf {
  readonly number: number;
  readonly text: string;
  readonly flag: boolean;
  readonly facts: Facts;
}

type ValueOf<F extends FieldSpec> = F extends { readonly values: readonly (infer V)[] }
  ? V
  : TypeOf[F['type']];

type OptionalNames<F extends Readonly<Record<string, FieldSpec>>> = {
  [N in keyof F]: F[N] extends { readonly optional: true } ? N : never;
}[keyof F];

type FieldsOf<F extends Readonly<Record<string, FieldSpec>>> = {
  readonly [N in Exclude<keyof F, OptionalNames<F>>]: ValueOf<F[N]>;
} & { readonly [N in OptionalNames<F>]?: ValueOf<F[N]> | undefined };

/** One line of one kind: `kind`, `atMs`, and the fields of its row in the table. */
export type LineOf<K extends LineKind> = { readonly kind: K; readonly atMs: number } & FieldsOf<
  (typeof LINE_KINDS)[K]['fields']
>;

/** One line of a trace; instants are ms since the run's start. */
export type TraceLine = { [K in LineKind]: LineOf<K> }[LineKind];

/** Longer lines are no lines of ours. */
export const MAX_LINE_CHARS = 16_384;

/** A tenth of a millisecond is more than anything here can be told by. */
export function formatLine(line: TraceLine): string {
  return JSON.stringify(line, (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 10) / 10 : value,
  );
}

/** The line that `text` is; undefined for what is none: cut off, changed by hand, of a newer version. Never throws. */
export function parseLine(text: string): TraceLine | undefined {
  if (text.length > MAX_LINE_CHARS) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isLine(value) ? value : undefined;
}

function isLine(value: unknown): value is TraceLine {
  if (!isRecord(value)) return false;
  const { kind, atMs } = value;
  if (typeof kind !== 'string' || !Object.hasOwn(ALL_LINE_KINDS, kind) || !Number.isFinite(atMs))
    return false;
  const fields = ALL_LINE_KINDS[kind]?.fields ?? {};
  return Object.entries(fields).every(([name, spec]) => fits(value[name], spec));
}

function fits(value: unknown, { type, values, optional }: FieldSpec): boolean {
  if (value === undefined) return optional === true;
  if (type === 'number') return Number.isFinite(value);
  if (type === 'flag') return typeof value === 'boolean';
  if (type === 'facts') return isRecord(value) && Object.values(value).every(isFact);
  return typeof value === 'string' && (values === undefined || values.includes(value));
}

function isFact(value: unknown): value is Fact {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
