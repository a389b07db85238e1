import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> };

describe('the lock file', () => {
  test('holds no download address: the registry is the reader’s own', () => {
    expect(downloadAddresses(packages)).toEqual([]);
  });

  test('installs without running scripts of others', () => {
    expect(installScripts(packages)).toEqual([]);
  });

  // `npm ci` refuses a lock that lacks one, and `npm install` drops what the registry at hand does not have.
  test('lists every optional package, those of other operating systems included', () => {
    expect(optionalPackagesMissing(packages)).toEqual([]);
  });

  test('is seen when it is wrong', () => {
    const bad = {
      'node_modules/a': { resolved: 'https://registry/a.tgz', optionalDependencies: { b: '1', c: '1' } },
      'node_modules/b': { hasInstallScript: true },
    };
    expect(downloadAddresses(bad)).toEqual(['node_modules/a']);
    expect(installScripts(bad)).toEqual(['node_modules/b']);
    expect(optionalPackagesMissing(bad)).toEqual(['c']);
  });
});

type Packages = Readonly<Record<string, LockedPackage>>;

function downloadAddresses(all: Packages): readonly string[] {
  return namesWhere(all, (each) => each.resolved?.startsWith('http') === true);
}

function installScripts(all: Packages): readonly string[] {
  return namesWhere(all, (each) => each.hasInstallScript === true);
}

function optionalPackagesMissing(all: Packages): readonly string[] {
  return Object.entries(all).flatMap(([at, each]) =>
    Object.keys(each.optionalDependencies ?? {}).filter(
      (name) => all[`${at}/node_modules/${name}`] === undefined && all[`node_modules/${name}`] === undefined,
    ),
  );
}

function namesWhere(all: Packages, isSo: (each: LockedPackage) => boolean): readonly string[] {
  return Object.keys(all).filter((name) => isSo(all[name] as LockedPackage));
}
