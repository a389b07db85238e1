import type { Kind } from './condition-draws.js';
import { FLV_KINDS } from './flv-kinds.js';
import { HLS_KINDS } from './hls-kinds.js';

/** The kinds of trouble. Each draws its own instants and lengths within its band. */
export const CONDITION_KINDS: readonly Kind[] = [...HLS_KINDS, ...FLV_KINDS];
