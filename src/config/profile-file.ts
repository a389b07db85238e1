import { basename } from 'node:path';
import type { ConfigIssue } from '../errors.js';
import type { Profile } from '../scenarios/profile.js';
import { readNamedFile } from './config-file.js';
import { parseProfile } from './profile-parse.js';
import { treeOfText } from './tree-file.js';

/** Whether what `--profile` names is a file: a path, or a name that ends as one. */
export function isProfileFile(named: string): boolean {
  return /[/\\]/.test(named) || /\.(ya?ml|json)$/i.test(named);
}

/**
 * The profile of a file, YAML or JSON. What cannot be read is added to `issues`, each problem with file and line; then
 * there is no profile.
 * @param place how a message calls the one who named it
 */
export function readProfileFile(path: string, place: string, issues: ConfigIssue[]): Profile | undefined {
  const text = readNamedFile(path, place, issues);
  return text === undefined ? undefined : profileOfText(path, text, issues);
}

/** The profile that a text is, called `path` in messages. */
export function profileOfText(path: string, text: string, issues: ConfigIssue[]): Profile | undefined {
  const before = issues.length;
  const tree = treeOfText(path, text, issues);
  if (tree === undefined) return undefined;
  const unread = issues.splice(before);
  const found: ConfigIssue[] = [];
  const profile = parseProfile(tree.value, basename(path).replace(/\.[^.]*$/, ''), found);
  issues.push(...unread, ...found.map((issue) => ({ ...issue, path: tree.place(issue.path) })));
  return profile;
}
