import { FAULT_CLASSES } from '../scenarios/fault-step.js';
import { CONTAINER_NAME, CUT_DIRECTIONS, INTERFACE_NAME } from '../scenarios/real-fault.js';
import { KPI_IDS } from '../stats/kpis.js';
import { MAX_VUS } from './live.js';
import { MAX_STAGES, NAME, ROLES } from './profile-stages.js';
import { RATE_NAMES, STAGE_RATE_NAMES } from './rates.js';

type Schema = Readonly<Record<string, unknown>>;

const SPAN: Schema = {
  description: 'a span of time: 500ms, 90s, 3m, 1h30m',
  anyOf: [
    { type: 'string', pattern: '^\\s*(\\d+(\\.\\d+)?(ms|s|m|h))+\\s*$' },
    { const: 0, description: 'no time' },
  ],
};
const VIEWERS: Schema = { type: 'number', minimum: 0, maximum: MAX_VUS };
const PHASE_NAME: Schema = { type: 'string', pattern: NAME.source, not: { const: 'other' } };

/**
 * The JSON Schema (draft 2020-12) of a profile file. What no schema can say (names that fit each other, a crowd that
 * stands still) is said by the command itself, with the reason.
 */
export function profileJsonSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A profile of dorami-load: --profile FILE',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', description: 'where this schema is' },
      name: { type: 'string', pattern: NAME.source, description: "absent = the file's own" },
      title: { type: 'string', maxLength: 200, description: 'one line for plans and reports' },
      stages: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_STAGES,
        items: stageSchema(),
        description: 'stretches in order; one of the role hold, step or burst at least',
      },
      steps: stepsSchema(),
      arrivals: {
        type: 'string',
        description: 'viewers that come at a rate of their own and stay for a while',
        examples: ['12/s for 5m, stay 3m', '30/m paced for 1h, stay about 10m'],
      },
      rates: {
        type: 'object',
        additionalProperties: false,
        description:
          'how often one viewer acts: spans, and shares of the viewers; what is absent is never done',
        properties: Object.fromEntries(RATE_NAMES.map((name) => [name, rateSchema(name)])),
      },
      mix: {
        description: 'what viewers start with, as weights',
        anyOf: [
          { type: 'string', examples: ['hls=70,flv=30'] },
          { type: 'object', additionalProperties: false, properties: { hls: WEIGHT, flv: WEIGHT } },
        ],
      },
      faults: { type: 'array', maxItems: 50, items: faultSchema(), description: 'what breaks, and when' },
      judges: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { enum: KPI_IDS },
        description: 'rows of the gate; absent = all that such a load can fill',
      },
      'changes-per-s': {
        type: 'number',
        minimum: 0.1,
        maximum: 10_000,
        description: 'slopes grow, so that no more viewers than this come or go in a second',
      },
    },
    oneOf: [{ required: ['stages'] }, { required: ['steps'] }, { required: ['arrivals'] }],
  };
}

const WEIGHT: Schema = { type: 'integer', minimum: 0, maximum: 1000 };

function rateSchema(name: string): Schema {
  if (STAGE_RATE_NAMES.includes(name)) return { anyOf: [SPAN, { const: 'off' }] };
  return { type: 'string', pattern: '^(\\d{1,3}(\\.\\d+)?\\s*%|off)$', examples: ['5%'] };
}

function stageSchema(): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'role', 'for'],
    properties: {
      name: PHASE_NAME,
      role: { enum: ROLES, description: 'what the stretch is for: rows are judged by role' },
      for: SPAN,
      from: { ...VIEWERS, description: 'viewers at its begin; absent = where the stage before ended' },
      to: { ...VIEWERS, description: 'viewers at its end; absent = level' },
      rates: {
        type: 'object',
        additionalProperties: false,
        description: 'in place of the rates of the profile',
        properties: Object.fromEntries(STAGE_RATE_NAMES.map((name) => [name, rateSchema(name)])),
      },
      chat: {
        type: 'string',
        pattern: '^\\s*\\d+(\\.\\d+)?\\s*/\\s*s\\s*$',
        description: 'chat messages of all viewers together, e.g. 50/s',
      },
      least: { ...SPAN, description: 'what a time scale leaves of the stage' },
    },
  };
}

function stepsSchema(): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['levels'],
    description: 'a load in steps, each judged by itself',
    properties: {
      levels: {
        type: 'array',
        minItems: 1,
        maxItems: (MAX_STAGES - 1) / 2,
        items: { type: 'integer', minimum: 1, maximum: MAX_VUS },
        description: 'viewers of each step, rising',
      },
      hold: { ...SPAN, default: '5m', description: 'how long each step lasts' },
      rise: { ...SPAN, default: '1m', description: 'from one step to the next' },
      drain: { ...SPAN, default: '1m', description: 'from the last step to nobody' },
    },
  };
}

/** What is made on this machine itself, and what stands beside it in a network. */
function realSchemas(): Schema[] {
  const HOST: Schema = { type: 'string', description: 'HOST, HOST:PORT or [IPv6]:PORT' };
  const PEER: Schema = {
    anyOf: [HOST, { type: 'array', minItems: 1, maxItems: 20, items: HOST }],
    description: 'who is meant; absent = the hosts of the target',
  };
  const interfaceName: Schema = { type: 'string', pattern: INTERFACE_NAME.source };
  const name: Schema = { type: 'string', pattern: CONTAINER_NAME.source };
  const pidof: Schema = { type: 'string', description: 'name of a program' };
  const pidFile: Schema = { type: 'string', pattern: '^/' };
  const start: Schema = {
    type: 'array',
    minItems: 1,
    maxItems: 50,
    items: { type: 'string' },
    description: 'program and arguments that start it again',
  };
  const form = (properties: Readonly<Record<string, Schema>>, ...required: string[]): Schema => ({
    ...{ type: 'object', additionalProperties: false, required },
    properties,
  });
  const cut = { real: { type: 'boolean' }, direction: { enum: CUT_DIRECTIONS }, protocol: { enum: ['tcp'] } };
  const rate: Schema = { type: ['string', 'number'], examples: ['500k', '2M'], description: 'bit/s' };
  return [
    form({ network: { const: 'partition' }, ...cut, peer: PEER }, 'network'),
    form({ network: { const: 'reset' } }, 'network'),
    form({ network: { const: 'throttle' }, rate, interface: interfaceName, peer: PEER }, 'network', 'rate'),
    form({ network: { const: 'link-down' }, interface: interfaceName }, 'network', 'interface'),
    form({ process: { const: 'kill' }, pidof, start }, 'process', 'pidof'),
    form({ process: { const: 'kill' }, 'pid-file': pidFile, start }, 'process', 'pid-file'),
    form({ process: { const: 'pause' }, pidof }, 'process', 'pidof'),
    form({ process: { const: 'pause' }, 'pid-file': pidFile }, 'process', 'pid-file'),
    form({ container: { enum: ['kill', 'pause'] }, name }, 'container', 'name'),
    form({ container: { const: 'disconnect' }, name, network: name }, 'container', 'name'),
  ];
}

function faultSchema(): Schema {
  const one = (name: string, values: readonly string[]): Schema => ({
    type: 'object',
    additionalProperties: false,
    required: [name],
    properties: { [name]: { enum: values } },
  });
  return {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'stage', 'do'],
    properties: {
      name: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,40}$' },
      stage: { type: 'string', description: 'name of a stage of the profile' },
      at: { ...SPAN, description: 'after the begin of the stage', default: '0s' },
      for: { ...SPAN, description: 'how long it lasts' },
      do: {
        oneOf: [
          ...realSchemas(),
          one('publisher', ['stop', 'pause']),
          one('media', ['kill']),
          { type: 'object', required: ['stage'], properties: { stage: { type: 'string' } } },
          {
            type: 'object',
            additionalProperties: false,
            required: ['run'],
            properties: { run: { type: 'string' }, undo: { type: 'string' }, timeout: SPAN },
          },
        ],
      },
      breaks: { enum: FAULT_CLASSES },
      grace: { ...SPAN, description: 'how long the platform waits for a publisher that is gone' },
    },
  };
}
