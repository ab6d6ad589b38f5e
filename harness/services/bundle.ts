/**
 * One file of a Node program and everything that it imports. A service loads a thousand small
 * modules, which costs more than all else that it does until it is ready; eleven instances that
 * start at once pay it eleven times. What the code does is not changed: every module still knows
 * the place that it came from.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** What one build was made of, kept beside it: it is good as long as none of that has changed. */
const Stamp = z.strictObject({
  file: z.string(),
  inputs: z.record(z.string(), z.string()),
});
type Stamp = z.infer<typeof Stamp>;

/** Native add-ons stay where they are; a package that asks for one has its own way without it. */
const EXTERNAL = [/\.node$/, '@node-rs/crc32'];
const PLACES = /\bimport\.meta\.(?:url|dirname|filename)\b|\b__dirname\b|\b__filename\b/g;
const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//;

/** Builds under way, so that two instances of a service share one. */
const underWay = new Map<string, Promise<string>>();

/**
 * @param entry absolute path of the program
 * @param folder where builds are kept
 * @returns absolute path of a file that does the same
 */
export function bundleNode(entry: string, folder: string): Promise<string> {
  let building = underWay.get(entry);
  if (!building) {
    building = findOrBuild(entry, folder).finally(() => underWay.delete(entry));
    underWay.set(entry, building);
  }
  return building;
}

async function findOrBuild(entry: string, folder: string): Promise<string> {
  const name = createHash('sha256')
    .update(`${process.version} ${entry}`)
    .digest('hex')
    .slice(0, 16);
  const stampFile = join(folder, `${name}.json`);
  const stamp = readStamp(stampFile);
  if (stamp && existsSync(stamp.file) && isFresh(stamp)) return stamp.file;
  mkdirSync(folder, { recursive: true });
  const { code, modules } = await build(entry);
  const content = createHash('sha256').update(code).digest('hex').slice(0, 16);
  // Named by its content: a stack that runs an older one can still start it again.
  const file = join(folder, `${name}-${content}.mjs`);
  writeWhole(file, code);
  const inputs = Object.fromEntries([...new Set(modules.map(watched))].map((m) => [m, stateOf(m)]));
  writeWhole(stampFile, JSON.stringify({ file, inputs } satisfies Stamp));
  return file;
}

function readStamp(file: string): Stamp | undefined {
  try {
    return Stamp.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // None yet, or one that was cut short: it is built again.
    return undefined;
  }
}

const isFresh = ({ inputs }: Stamp): boolean =>
  Object.entries(inputs).every(([path, state]) => stateOf(path) === state);

/** Of an installed package its description stands for all: nobody edits what is in it. */
function watched(module: string): string {
  const [folder] = PACKAGE_FOLDER.exec(module) ?? [];
  return folder === undefined ? module : `${folder}package.json`;
}

function stateOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return 'gone';
  }
}

function writeWhole(file: string, text: string): void {
  const next = `${file}.${process.pid}.next`;
  writeFileSync(next, text);
  renameSync(next, file);
}

async function build(entry: string): Promise<{ code: string; modules: string[] }> {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: entry,
    cwd: dirname(entry),
    platform: 'node',
    logLevel: 'silent',
    external: EXTERNAL,
    plugins: [{ name: 'places', transform: keepPlaces }],
  });
  try {
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
    const [chunk] = output;
    // Virtual modules of the bundler itself begin with a zero byte.
    const modules = chunk.moduleIds.filter((id) => !id.startsWith('\0'));
    return { code: chunk.code, modules };
  } finally {
    await bundle.close();
  }
}

/** A module finds files beside itself; it has to find them from the one file as well. */
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
