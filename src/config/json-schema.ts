import { variableOf } from './env-layer.js';
import { isFileless } from './file-layer.js';
import type { FlagSpec } from './flag-spec.js';
import { RUN_ROWS } from './flags.js';

type Schema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema (draft 2020-12) of a configuration file: its keys, what each does, and the kinds of value it takes.
 * Whether a value makes sense (a duration, a URL) is said by the command itself, with the reason.
 */
export function configJsonSchema(): Schema {
  const rows = Object.entries(RUN_ROWS).filter(([, spec]) => !isFileless(spec));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of dorami-load run',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', description: 'where this schema is' },
      ...Object.fromEntries(rows.map(([key, spec]) => [key, property(key, spec)])),
    },
  };
}

function property(key: string, spec: FlagSpec): Schema {
  const { help, example } = spec;
  return {
    description: `${help}. Also --${key} and ${variableOf(key)}.`,
    ...kindSchema(spec),
    ...(spec.default === undefined ? {} : { default: spec.default }),
    ...(example === undefined ? {} : { examples: [spec.kind === 'list' ? [example] : example] }),
  };
}

/** A text that looks like a number need not be quoted. */
const SINGLE: Schema = { type: ['string', 'number'] };
const FILE: Schema = { type: 'string', pattern: '[/\\\\]|\\.(ya?ml|json)$' };
const PAIRS: Schema = { type: 'object', additionalProperties: SINGLE };

function kindSchema(spec: FlagSpec): Schema {
  if (spec.kind === 'switch') return { type: 'boolean' };
  const listed = spec.orFile ? { anyOf: [{ enum: spec.values }, FILE] } : { enum: spec.values };
  const single = spec.values === undefined ? SINGLE : listed;
  const plain = spec.kind === 'list' ? { type: 'array', items: single } : single;
  return spec.pairs ? { anyOf: [plain, PAIRS] } : plain;
}
