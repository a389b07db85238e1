import ts from 'typescript';

/** One import of a source file: static, dynamic, or a re-export. */
export interface ImportFact {
  /** As written, e.g. `../events.js`, `node:fs`, `undici`. */
  readonly specifier: string;
  /** `import type` or `export type`: nothing of it is there at run time. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** A name found at a line. */
export interface NameFact {
  readonly name: string;
  readonly line: number;
}

/** What the rules want to know of one source file. */
export interface SourceFacts {
  readonly path: string;
  readonly imports: readonly ImportFact[];
  /** Names that reach the world: time, chance, timers, the process, the network. */
  readonly world: readonly NameFact[];
  /** Default exports and enums. */
  readonly banned: readonly NameFact[];
}

const WORLD_NAMES = new Set([
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'process',
  'fetch',
  'WebSocket',
  'globalThis',
  'console',
]);

/** Parses TypeScript and collects what the rules judge. Comments, strings and property names do not count. */
export function readFacts(path: string, text: string): SourceFacts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports: ImportFact[] = [];
  const world: NameFact[] = [];
  const banned: NameFact[] = [];
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart()).line + 1;

  const visit = (node: ts.Node): void => {
    const specifier = importedBy(node);
    if (specifier !== undefined) imports.push({ ...specifier, line: lineOf(node) });
    const name = worldName(node);
    if (name !== undefined) world.push({ name, line: lineOf(node) });
    const forbidden = bannedForm(node);
    if (forbidden !== undefined) banned.push({ name: forbidden, line: lineOf(node) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path, imports, world, banned };
}

function importedBy(node: ts.Node): Omit<ImportFact, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: textOf(node.moduleSpecifier), typeOnly };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: textOf(node.moduleSpecifier), typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), typeOnly: true };
  }
  if (ts.isCallExpression(node) && isImportCall(node) && node.arguments[0] !== undefined) {
    return { specifier: textOf(node.arguments[0]), typeOnly: false };
  }
  return undefined;
}

function isImportCall(node: ts.CallExpression): boolean {
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(node.expression) && node.expression.text === 'require';
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function worldName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'Math.random';
  if (!ts.isIdentifier(node) || !WORLD_NAMES.has(node.text)) return undefined;
  return isNameOfSomethingElse(node) ? undefined : node.text;
}

/** `clock.process`, `{ process: 1 }`, `process() {}` name a member, and `x: Date` a type: not the global. */
function isNameOfSomethingElse(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isTypeReferenceNode(parent)) return true;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  const isMember =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent);
  return isMember && parent.name === node;
}

function bannedForm(node: ts.Node): string | undefined {
  if (ts.isEnumDeclaration(node)) return 'enum';
  if (ts.isExportAssignment(node)) return 'default export';
  if (ts.canHaveModifiers(node)) {
    const modifiers = ts.getModifiers(node) ?? [];
    if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)) return 'default export';
  }
  if (ts.isExportSpecifier(node) && node.name.text === 'default') return 'default export';
  return undefined;
}
