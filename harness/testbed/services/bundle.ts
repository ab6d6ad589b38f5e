/**
 * Node programs and everything that they import, each as one file and a few that they share. A
 * service loads a thousand small modules, which costs more than all else that it does until it is
 * ready; eleven instances that start at once pay it eleven times. What the code does is not
 * changed: every module still knows the place that it came from.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { IS_BUILT, packageAsset } from '../../kernel/package-assets.ts';

/** By entry: the file that does the same. */
export type Programs = ReadonlyMap<string, string>;

/** The inputs of a build, kept with it: it is valid as long as none of them has changed. */
const Stamp = z.strictObject({
  programs: z.record(z.string(), z.string()),
  inputs: z.record(z.string(), z.string()),
});
type Stamp = z.infer<typeof Stamp>;

/** Native add-ons stay where they are; a package that asks for one has its own way without it. */
const EXTERNAL = [/\.node$/, '@node-rs/crc32'];
const PLACES = /\bimport\.meta\.(?:url|dirname|filename)\b|\b__dirname\b|\b__filename\b/g;
const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//;
/** Increases when the format of builds or their stamps changes: older ones are built again. */
const FORMAT = 2;
const MODULES = '/node_modules/';
/** What pnpm, npm and Yarn write down of an installation; of those that do not use it, `gone`. */
const INSTALLED = ['.pnpm/lock.yaml', '.package-lock.json', '.yarn-state.yml'];
/** A stack that runs an older build can start it again as long as it is here. */
const BUILDS_KEPT = 20;

/**
 * Builds them together, because they share most of what they import.
 *
 * @param entries absolute paths of the programs
 * @param folder where builds are kept
 */
export async function bundlePrograms(
  entries: readonly string[],
  folder: string,
): Promise<Programs> {
  const built = entries.filter((entry) => isBundle(entry));
  const sorted = [...new Set(entries)].filter((entry) => !isBundle(entry)).sort();
  if (sorted.length === 0) return programsOf(built);
  const name = digest(JSON.stringify([FORMAT, process.version, sorted]));
  const stampFile = join(folder, `${name}.json`);
  const stamp = readStamp(stampFile) ?? (await build(sorted, folder, name, stampFile));
  return new Map([...programsOf(built), ...Object.entries(stamp.programs)]);
}

const programsOf = (bundles: readonly string[]): Programs =>
  new Map(bundles.map((path) => [path, path]));

/** The package has its reference services as bundles. */
const isBundle = (entry: string): boolean =>
  IS_BUILT && entry.startsWith(packageAsset('reference-services/'));

const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Undefined where there is none, or one that is torn or of older code: build again. */
function readStamp(file: string): Stamp | undefined {
  try {
    const stamp = Stamp.parse(JSON.parse(readFileSync(file, 'utf8')));
    const fresh = Object.entries(stamp.inputs).every(([path, state]) => stateOf(path) === state);
    return fresh && Object.values(stamp.programs).every((path) => existsSync(path))
      ? stamp
      : undefined;
  } catch {
    return undefined;
  }
}

function stateOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return 'gone';
  }
}

/**
 * Of an installed package only its package.json is watched: its files are not edited. The record of
 * the package manager says which version is in use; older ones may stay next to it.
 */
function watched(module: string): readonly string[] {
  const [folder] = PACKAGE_FOLDER.exec(module) ?? [];
  if (folder === undefined) return [module];
  const root = module.slice(0, module.indexOf(MODULES) + MODULES.length);
  return [`${folder}package.json`, ...INSTALLED.map((record) => `${root}${record}`)];
}

async function build(
  entries: readonly string[],
  folder: string,
  name: string,
  stampFile: string,
): Promise<Stamp> {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((entry, index) => [`program-${index}`, entry])),
    cwd: dirname(entries[0] ?? folder),
    platform: 'node',
    logLevel: 'silent',
    external: EXTERNAL,
    plugins: [{ name: 'places', transform: keepPlaces }],
  });
  const { output } = await bundle
    .generate({ format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' })
    .finally(() => bundle.close());
  const chunks = output.flatMap((part) => (part.type === 'chunk' ? [part] : []));
  const target = join(folder, `${name}-${digest(chunks.map(({ code }) => code).join())}`);
  writeChunks(target, chunks);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => !id.startsWith('\0'));
  const stamp: Stamp = {
    programs: Object.fromEntries(
      entries.map((entry, index) => [entry, join(target, `program-${index}.mjs`)]),
    ),
    inputs: Object.fromEntries([...new Set(modules.flatMap(watched))].map((m) => [m, stateOf(m)])),
  };
  const next = `${stampFile}.${process.pid}.next`;
  writeFileSync(next, JSON.stringify(stamp));
  renameSync(next, stampFile);
  removeOldBuilds(folder);
  return stamp;
}

/** Appears whole: two stacks may build the same at the same time, and then either will do. */
function writeChunks(
  target: string,
  chunks: readonly { readonly fileName: string; readonly code: string }[],
): void {
  if (existsSync(target)) return;
  const next = `${target}.${process.pid}.next`;
  mkdirSync(next, { recursive: true });
  for (const { fileName, code } of chunks) writeFileSync(join(next, fileName), code);
  try {
    renameSync(next, target);
  } catch (error) {
    rmSync(next, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

function removeOldBuilds(folder: string): void {
  const builds = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of builds.slice(BUILDS_KEPT)) rmSync(path, { recursive: true, force: true });
}

/** A module finds files next to itself; it must find them from the bundle as well. */
function keepPlaces(code: string, id: string): string | null {
  if (id.startsWith('\0') || code.search(PLACES) < 0) return null;
  const values: Readonly<Record<string, string>> = {
    'import.meta.url': pathToFileURL(id).href,
    'import.meta.dirname': dirname(id),
    'import.meta.filename': id,
    __dirname: dirname(id),
    __filename: id,
  };
  return code.replace(PLACES, (name) => JSON.stringify(values[name]));
}
