import { cpSync, linkSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Stage } from './dockerfile.js';

/** By the Dockerfile, beside what npm prunes. */
const REMOVED = 'node_modules/@electric-sql';

/**
 * Copies the files of the project that the stage copies, as far as `.dockerignore` lets Docker see them.
 *
 * @param folder stands for the working directory of the stage
 */
export function copyFromProject({ copies }: Stage, folder: string): void {
  const lines = readFileSync('.dockerignore', 'utf8').trim().split('\n');
  const seen = lines.filter((line) => line.startsWith('!')).map((line) => `${line.slice(1)}/`);
  for (const { sources, target } of copies.filter(({ isFromBuild }) => !isFromBuild)) {
    for (const source of sources) {
      if (!seen.some((path) => `${source}/`.startsWith(path))) throw new Error(`.dockerignore hides ${source}`);
      const filter = (path: string) => !path.endsWith('.spec.ts') && !lines.includes(path);
      cpSync(source, targetOf(folder, source, target), { recursive: true, filter });
    }
  }
}

/**
 * Copies what the stage takes from the one that builds. Of the packages, it moves what is left there: neither those of
 * development, nor optional ones, nor what is removed.
 */
export function copyFromBuild({ copies }: Stage, built: string, folder: string): void {
  for (const { sources, target } of copies.filter(({ isFromBuild }) => isFromBuild)) {
    for (const source of sources.map((path) => path.replace('/app/', ''))) {
      if (source === 'node_modules') movePackages(join(built, source), join(folder, target));
      else cpSync(join(built, source), targetOf(folder, source, target), { recursive: true });
    }
  }
}

/** Puts the packages of the project into another folder, as links to the same files where that can be. */
export function linkPackages(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkPackages(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else {
      try {
        linkSync(source, target);
      } catch {
        cpSync(source, target);
      }
    }
  }
}

/** `COPY a b ./x/` makes x/a and x/b, and `COPY a ./x` makes x. */
function targetOf(folder: string, source: string, target: string): string {
  return join(folder, target.endsWith('/') ? join(target, basename(source)) : target);
}

function movePackages(from: string, to: string): void {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean; link?: boolean }>;
  };
  const production = Object.entries(packages)
    .filter(([, { dev, optional, devOptional, link }]) => !(dev || optional || devOptional || link))
    .filter(([path]) => !path.startsWith(REMOVED))
    .flatMap(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? []);
  const installed = new Set(readdirSync(from).flatMap((name) => (name.startsWith('@') ? scoped(from, name) : name)));
  for (const name of ['.bin', ...production].filter((name) => installed.has(name))) {
    mkdirSync(join(to, name, '..'), { recursive: true });
    renameSync(join(from, name), join(to, name));
  }
}

const scoped = (folder: string, scope: string) => readdirSync(join(folder, scope)).map((name) => `${scope}/${name}`);
