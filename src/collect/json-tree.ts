/** Answers in JSON, read with care: what is not of the expected kind is absent. All pure. */
export type Tree = Readonly<Record<string, unknown>>;

/** The value of a text; undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A branch of a tree; an empty one when it is not there. */
export function branchOf(tree: Tree, name: string): Tree {
  const branch = Object.hasOwn(tree, name) ? tree[name] : undefined;
  return isTree(branch) ? branch : {};
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
