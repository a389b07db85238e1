import type { Profile } from '../scenarios/profile.js';

/** `text` takes one value, `list` may be repeated, `switch` takes none (or `=true`, `=false`). */
export type FlagKind = 'text' | 'list' | 'switch';

/** What a row may say beyond its kind, group and help. */
export interface FlagExtras {
  /** The value when nobody says anything; shown by `--help`, so not to be repeated there. */
  readonly default?: string;
  /** What the chosen profile says, in front of `default`. */
  readonly ofProfile?: (profile: Profile) => string | readonly string[];
  /** What stands for the value in `--help`, e.g. N or URL. */
  readonly placeholder?: string;
  /** One value as a user would write it. */
  readonly example?: string;
  /** All values there are, when they can be listed. */
  readonly values?: readonly string[];
  /** Beside `values` the path of a YAML or JSON file. */
  readonly orFile?: true;
  /** The value is the path of one. */
  readonly path?: 'file' | 'folder';
  /** Masked wherever values are shown, and refused in a configuration file. */
  readonly secret?: true;
  /** NAME=VALUE pairs: a configuration file may write them as a mapping. */
  readonly pairs?: true;
  /** What stands between the entries of a list in the environment; a comma unless said. */
  readonly separator?: ';';
  /** The value names a variable of the environment, which is therefore known whatever it is called. */
  readonly namesVariable?: true;
  /** Where it cannot be set: what is asked of one call only is no setting. */
  readonly notIn?: readonly ('file' | 'env')[];
}

export interface FlagSpec extends FlagExtras {
  readonly kind: FlagKind;
  /** One line for `--help`; the default is added to it. */
  readonly help: string;
  /** Heading in `--help`. */
  readonly group: string;
}

/** Values as they were given: text unparsed, absent flags absent. */
export type FlagValues<T extends Readonly<Record<string, FlagSpec>>> = {
  readonly [K in keyof T]?: T[K]['kind'] extends 'switch'
    ? boolean
    : T[K]['kind'] extends 'list'
      ? readonly string[]
      : string;
};

type Row<K extends FlagKind> = FlagSpec & { readonly kind: K };

/** A row that takes one value. */
export function text(group: string, help: string, more: FlagExtras = {}): Row<'text'> {
  return { kind: 'text', group, help, ...more };
}

/** A row that may be repeated. */
export function list(group: string, help: string, more: FlagExtras = {}): Row<'list'> {
  return { kind: 'list', group, help, ...more };
}

/** A row that is on or off. */
export function toggle(group: string, help: string, more: FlagExtras = {}): Row<'switch'> {
  return { kind: 'switch', group, help, ...more };
}
