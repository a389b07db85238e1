/** What compose files say of the services, as far as the checklist asks; variables that nobody set are not known. */
export interface Compose {
  readonly services: readonly ComposeService[];
  readonly networks: readonly string[];
  /** Variables without a default that names of images hang on. */
  readonly unset: readonly string[];
}

export interface ComposeService {
  readonly name: string;
  /** Absent = it is built, or its name hangs on a variable that is not set. */
  readonly image?: string;
  readonly built: boolean;
  /** Words of its command; absent = the image's own. */
  readonly command?: readonly string[];
  readonly cpus?: string;
  readonly memory?: string;
}

type Mapping = Readonly<Record<string, unknown>>;

/** Lays files over each other as compose does, later ones above, and reads what the checklist asks. */
export function readCompose(files: readonly unknown[]): Compose {
  const unset = new Set<string>();
  const documents = files.map(mapping);
  const merged = documents.reduce<Mapping>((all, each) => laidOver(all, each), {});
  const services = Object.entries(mapping(merged.services)).map(([name, value]) =>
    serviceOf(name, mapping(value), unset),
  );
  return { services, networks: networksOf(merged), unset: [...unset] };
}

/** Settings of a mapping are replaced one by one; everything else is replaced whole. */
function laidOver(below: Mapping, above: Mapping): Mapping {
  const all: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = Object.hasOwn(all, key) ? all[key] : undefined;
    const both = isMapping(value) && isMapping(under);
    Object.defineProperty(all, key, {
      ...{
        value: both ? laidOver(under, value) : value,
        enumerable: true,
        configurable: true,
        writable: true,
      },
    });
  }
  return all;
}

function serviceOf(name: string, service: Mapping, unset: Set<string>): ComposeService {
  const limits = mapping(mapping(mapping(service.deploy).resources).limits);
  const image = filledIn(service.image, unset);
  const command = wordsOf(service.command);
  const cpus = filledIn(limits.cpus ?? service.cpus);
  const memory = filledIn(limits.memory ?? service.mem_limit);
  return {
    name,
    built: service.build !== undefined && service.image === undefined,
    ...(image === undefined ? {} : { image }),
    ...(command === undefined ? {} : { command }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** A word that hangs on a variable without a value is empty, so that the others stay where they are. */
function wordsOf(command: unknown): string[] | undefined {
  if (command === undefined || command === null) return undefined;
  const parts = (Array.isArray(command) ? command : [command]).map(String);
  const words = parts.flatMap((part) => part.split(/\s+/)).filter((word) => word !== '');
  return words.map((word) => filledIn(word) ?? '');
}

/** A network without a name of its own gets the project's name before it. */
function networksOf(merged: Mapping): string[] {
  const project = filledIn(merged.name) ?? 'PROJECT';
  return Object.entries(mapping(merged.networks)).map(([key, value]) => {
    const network = mapping(value);
    const own = filledIn(network.name) ?? (network.external === true ? key : `${project}_${key}`);
    return `${own} (${filledIn(network.driver) ?? 'bridge'})`;
  });
}

/** `${NAME:-default}` and `${NAME}` as compose fills them in where nothing is set; undefined = a value is missing. */
function filledIn(value: unknown, unset: Set<string> = new Set()): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  let missing = false;
  const text = value.replace(
    /\$(?:\$|\{(\w+)(?:(:?[-?+])([^}]*))?\}|(\w+))/g,
    (whole: string, braced: string | undefined, sign: string | undefined, rest = '', bare?: string) => {
      if (whole === '$$') return '$';
      if (sign?.endsWith('-') === true) return rest;
      if (sign?.endsWith('+') === true) return '';
      unset.add(braced ?? bare ?? '');
      missing = true;
      return '';
    },
  );
  return missing || text === '' ? undefined : text;
}

function mapping(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
