import type { ListedContainer } from './docker-api.js';

/** Which containers are looked at. */
export interface ContainerChoice {
  /** By name. One with a key of its own stands for one container, else each that fits has its own name as key. */
  readonly containers: readonly { readonly name?: string | undefined; readonly match: RegExp }[];
  /** All of a project of docker compose, by the names of its services. */
  readonly project?: string | undefined;
}

/** One name of the section: its container, or why there is none. */
export type Chosen =
  | { readonly key: string; readonly container: ListedContainer }
  | { readonly key: string; readonly gap: string };

/** Chooses from a list; the same container stands in the line once, under the first name that it has. */
export function chooseContainers(
  { containers, project }: ContainerChoice,
  list: readonly ListedContainer[],
): readonly Chosen[] {
  const chosen = new Map<string, Chosen>();
  const taken = new Set<string>();
  const add = (key: string, container: ListedContainer): void => {
    if (taken.has(container.id) || chosen.has(key)) return;
    taken.add(container.id);
    chosen.set(key, { key, container });
  };
  for (const { name, match } of containers) {
    const fitting = newestFirst(list.filter((each) => each.names.some((own) => match.test(own))));
    if (name === undefined) for (const each of fitting) add(keyOf(each.names[0] ?? each.id), each);
    else {
      const one = oneOf(name, match, fitting);
      if ('gap' in one) chosen.set(name, one);
      else add(name, one.container);
    }
  }
  const ofProject = project === undefined ? [] : list.filter((each) => each.project === project);
  // One-off containers (docker compose run) have no number.
  for (const each of newestFirst(ofProject)) add(serviceKey(each), each);
  return [...chosen.values()];
}

function oneOf(key: string, match: RegExp, fitting: readonly ListedContainer[]): Chosen {
  const [first] = fitting;
  if (first === undefined) return { key, gap: `no container has a name like ${match.source}` };
  const running = fitting.filter(({ state }) => state === 'running');
  if (running.length > 1) {
    const names = running.map(({ names: own }) => own[0]).slice(0, 4);
    return { key, gap: `${running.length} running containers have such a name: ${names.join(', ')}` };
  }
  return { key, container: first };
}

/** Running ones before all others; then the one that was made last. */
function newestFirst(list: readonly ListedContainer[]): ListedContainer[] {
  const rank = ({ state }: ListedContainer): number => (state === 'running' ? 1 : 0);
  return [...list].sort((a, b) => rank(b) - rank(a) || b.createdS - a.createdS);
}

function serviceKey({ service, number, names, id }: ListedContainer): string {
  if (service === undefined || number === undefined) return keyOf(names[0] ?? id);
  return keyOf(number === '1' ? service : `${service}-${number}`);
}

/** Names of the engine hold letters, digits, `_`, `.` and `-`; a dot would part a name of our own. */
function keyOf(name: string): string {
  return name.replace(/[^\w-]/g, '_').slice(0, 80);
}
