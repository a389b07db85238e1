import { variableOf } from '../config/env-layer.js';
import { MIN_SECRET_CHARS } from '../config/jwt-secret.js';

/**
 * The stream key and the JWT secret, however they were given: they must not come out again in a message about the
 * flags themselves.
 */
export function secretsOf(argv: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const given = (name: string): string[] => [
    ...argv.flatMap((word, index) => {
      if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)];
      return argv[index - 1] === `--${name}` ? [word] : [];
    }),
    env[variableOf(name)] ?? '',
  ];
  // Of the secret's variable both are masked: what it holds, and a "name" that is the secret by mistake.
  const variables = given('jwt-secret-env');
  const longNames = variables.filter((name) => name.length >= MIN_SECRET_CHARS);
  return [...given('stream-key'), ...longNames, ...variables.map((name) => env[name] ?? '')];
}
