/**
 * The reference services as bundles. A checkout bundles them at boot; a package must not write to
 * its own folder, and the dependencies of its services, one of them patched, are built in.
 */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { PACKAGE_ROOT, packageAsset } from '../kernel/package-assets.ts';

const SERVICES = 'reference-services';
const MANIFEST = 'sagaproof.service.yaml';
/** Native add-ons are not built in; a package that asks for one has its own way without it. */
const EXTERNAL = [/\.node$/, '@node-rs/crc32'];
const PLACES = /\bimport\.meta\.(?:url|dirname|filename)\b|\b__dirname\b|\b__filename\b/g;
const IN_PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/;
/** Where files of packages are that the code of these packages reads when it runs. */
const PACKAGE_FILES = `${SERVICES}/packages`;
const FILES_READ: Readonly<Record<string, readonly string[]>> = {
  '@platformatic/wasm-utils': ['dist/native.wasm'],
  '@seriousme/openapi-schema-validator': ['schemas'],
  'grpc-health-check': ['proto'],
};
/** Every chunk is two folders below the root, so that all of them reach a file by one path. */
const ROOT = '../../';

/** Folders of the packages that are built into the services, by name. */
export type BuiltIn = ReadonlyMap<string, string>;

/**
 * Bundles every reference service, with its manifest and the files that packages read.
 *
 * @param programs more programs by the name of their bundle: modules from the root
 */
export async function bundleServices(
  folder: string,
  programs: Readonly<Record<string, string>> = {},
): Promise<BuiltIn> {
  const services = readdirSync(packageAsset(SERVICES)).filter((name) =>
    existsSync(packageAsset(`${SERVICES}/${name}/${MANIFEST}`)),
  );
  const bundle = await rolldown({
    input: Object.fromEntries(
      [
        ...services.map((name) => [`${name}/main`, `${SERVICES}/${name}/main.ts`] as const),
        ...Object.entries(programs),
      ].map(([name, path]) => [name, packageAsset(path)]),
    ),
    cwd: PACKAGE_ROOT,
    platform: 'node',
    logLevel: 'silent',
    external: EXTERNAL,
    plugins: [{ name: 'places', transform: keepPlaces }],
  });
  const { output } = await bundle
    .write({
      dir: join(folder, SERVICES),
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'kit/[name]-[hash].js',
      // Names stay, so that a stack trace in a service's log can be read.
      minify: { compress: true, mangle: false, codegen: true },
    })
    .finally(() => bundle.close());
  const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk');
  const builtIn = packagesOf(chunks.flatMap(({ moduleIds }) => moduleIds));
  for (const name of services) writeManifest(name, folder);
  copyFilesRead(builtIn, folder);
  return builtIn;
}

/** The bundle is the program that the manifest starts. */
function writeManifest(name: string, folder: string): void {
  const path = `${SERVICES}/${name}/${MANIFEST}`;
  const text = readFileSync(packageAsset(path), 'utf8');
  const built = text.replace('command: [node, main.ts]', 'command: [node, main.js]');
  if (built === text) throw new Error(`${path}: expected \`command: [node, main.ts]\``);
  writeFileSync(join(folder, path), built);
}

function packagesOf(modules: readonly string[]): BuiltIn {
  const found = modules.flatMap((id) => {
    const [, name, file = ''] = IN_PACKAGE.exec(id) ?? [];
    return name === undefined ? [] : [[name, id.slice(0, -file.length - 1)] as const];
  });
  return new Map(found.sort(([a], [b]) => a.localeCompare(b)));
}

function copyFilesRead(builtIn: BuiltIn, folder: string): void {
  for (const [name, files] of Object.entries(FILES_READ)) {
    const from = builtIn.get(name);
    if (from === undefined) throw new Error(`no service imports ${name}: drop it from FILES_READ`);
    for (const file of files) {
      cpSync(join(from, file), join(folder, PACKAGE_FILES, name, file), { recursive: true });
    }
  }
}

/** A module finds files next to itself; it has to find them from its bundle as well. */
function keepPlaces(code: string, id: string): string | null {
  if (id.startsWith('\0') || code.search(PLACES) < 0) return null;
  const url = (path: string) => `new URL(${JSON.stringify(ROOT + path)}, import.meta.url)`;
  const place = placeOf(id);
  const values: Readonly<Record<string, string>> = {
    'import.meta.url': `${url(place)}.href`,
    'import.meta.dirname': `decodeURIComponent(${url(dirname(place))}.pathname)`,
    'import.meta.filename': `decodeURIComponent(${url(place)}.pathname)`,
    __dirname: `decodeURIComponent(${url(dirname(place))}.pathname)`,
    __filename: `decodeURIComponent(${url(place)}.pathname)`,
  };
  return code.replace(PLACES, (name) => values[name] ?? name);
}

/** Where a module, or what it reads, is in the package. */
function placeOf(id: string): string {
  const [, name, file] = IN_PACKAGE.exec(id) ?? [];
  return name === undefined ? relative(PACKAGE_ROOT, id) : `${PACKAGE_FILES}/${name}/${file}`;
}
