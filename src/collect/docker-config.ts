import { z } from '../schema-library.js';
import { DEFAULT_DOCKER_HOST, parseDockerHost } from './docker-host.js';

/** The part `docker` of a file of sources; `name` is that of an entry. */
export function dockerEntry(name: z.ZodString) {
  return z
    .strictObject({
      host: z
        .string()
        .refine((text) => parseDockerHost(text) !== undefined, 'not unix:///PATH, /PATH or tcp://HOST:PORT')
        .optional()
        .meta({
          description: `unix:///PATH, /PATH, or tcp://HOST:PORT without TLS, which needs --allow-target off this machine; DOCKER_HOST of the environment, else ${DEFAULT_DOCKER_HOST}, when absent`,
        }),
      containers: z
        .array(
          z.strictObject({
            name: name.optional().meta({
              description: 'its key in the line, for the one container that fits; its own name when absent',
            }),
            match: z
              .string()
              .min(1, 'no pattern')
              .max(500)
              .refine(isPattern, 'not a regular expression')
              .meta({ description: 'regular expression over the name of the container' }),
          }),
        )
        .max(50)
        .optional(),
      project: z
        .string()
        .regex(/^[a-z0-9][a-z0-9_-]*$/, 'not a project of docker compose')
        .max(200)
        .optional()
        .meta({ description: 'all containers of a project of docker compose, by service' }),
    })
    .refine(
      ({ containers = [], project }) => containers.length > 0 || project !== undefined,
      'wants containers, a project, or both',
    );
}

/** Whether a text is a regular expression. */
export function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
