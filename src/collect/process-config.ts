import { z } from '../schema-library.js';
import { isPattern } from './docker-config.js';

const whoWords = 'wants exactly one of pid, match and cgroup';
/** An entry of `processes` in a file of sources. */
export function processEntry(name: z.ZodString, file: z.ZodString) {
  return z
    .strictObject({
      name,
      pid: z.int().positive().optional(),
      match: z
        .string()
        .min(1, 'no pattern')
        .max(500)
        .refine(isPattern, 'not a regular expression')
        .optional()
        .meta({ description: 'regular expression over the whole command line' }),
      cgroup: file
        .regex(/^(?!.*(?:^|\/)\.\.(?:\/|$)).*$/, 'leads out of the control groups')
        .optional()
        .meta({ description: 'below /sys/fs/cgroup, e.g. system.slice/nginx.service' }),
    })
    .refine(
      ({ pid, match, cgroup }) => [pid, match, cgroup].filter((each) => each !== undefined).length === 1,
      whoWords,
    );
}
