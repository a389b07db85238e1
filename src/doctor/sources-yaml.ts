import type { CollectConfig } from '../collect/config.js';

/** A file of sources as `--collect` reads it. Text is quoted as JSON does, which YAML reads alike. */
export function sourcesYaml(config: CollectConfig): string {
  const lines = Object.entries(config).map(([key, value]) => `${key}: ${inYaml(value)}`);
  return `# What dorami-load doctor found; docs/collect.md says what else there is.\n${lines.join('\n')}\n`;
}

function inYaml(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `\n  - ${inFlow(one)}`).join('');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, one]) => `\n  ${key}: ${inFlow(one)}`)
    .join('');
}

function inFlow(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, one]) => `${key}: ${JSON.stringify(one)}`);
  return `{ ${pairs.join(', ')} }`;
}
