/** One element of an XML text. */
export interface XmlElement {
  readonly name: string;
  /** Name of the element that it stands in; empty for the root. */
  readonly parent: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
const TOKEN = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|(\s+)/y;

/**
 * All elements of an XML text of elements and attributes, in order: strict, so that what is not well formed throws.
 * No comments, no CDATA, no text.
 */
export function elementsOf(xml: string): readonly XmlElement[] {
  const [declaration = '', ...rest] = xml.split('\n');
  if (declaration !== '<?xml version="1.0" encoding="UTF-8"?>')
    throw new Error(`no declaration: ${declaration}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what may not be there
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml))
    throw new Error('no character of XML 1.0');
  const body = rest.join('\n');
  const all: XmlElement[] = [];
  const open: XmlElement[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < body.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(body);
    if (token === null) throw new Error(`not well formed at: ${body.slice(at, at + 80)}`);
    const [, closes, name = '', attributes = '', empty, space] = token;
    if (space !== undefined) continue;
    if (closes === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    const parent = open.at(-1);
    const element = { name, parent: parent?.name ?? '', attributes: attributesOf(attributes), children: [] };
    parent?.children.push(element);
    all.push(element);
    if (empty !== '/') open.push(element);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> is never closed`);
  return all;
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decoded(value)]),
  );
}

function decoded(value: string): string {
  return value.replace(/&(?:#(\d+)|(\w+)|);?/g, (whole, code, name) => {
    if (!whole.endsWith(';')) throw new Error(`a bare & in ${value}`);
    if (code !== undefined) return String.fromCharCode(Number(code));
    const char = ENTITIES[name as string];
    if (char === undefined) throw new Error(`no entity ${name}`);
    return char;
  });
}
