import {
  loadManifest,
  type Manifest,
  type ManifestPackage,
  type PackageSource,
} from './manifest.ts';

/** Where the page is, from the repository's root. */
export const REFERENCE_PAGE = 'docs/reference/provisioning.md';

/** The reference page on provisioning, made from the manifest: `pnpm generate` writes it. */
export function renderReferencePage(manifest: Manifest = loadManifest()): string {
  return `<!-- Written by pnpm generate from harness/provision/manifest.yaml. -->
# Provisioning

The native testbed needs no container engine and no root. Its first run fetches the packages below
through the ordinary clients of their registries; later runs find them in the cache.
\`pnpm sagaproof doctor\` lists each of them and shows how to install what is missing.

## Packages

${table(
  ['package', 'serves', 'version', 'from', 'pinned by', 'licence'],
  Object.entries(manifest.packages).map(([name, pkg]) => packageRow(name, pkg)),
)}

${componentsTable(manifest)}

The event store, the OIDC issuer, the SMTP sink and the trace receiver are part of this repository.
Three more packages are made from these: formatted Kafka storage, a Postgres data folder to
copy, and the boot caches of the three JVM servers.

## Programs that install them

Needed only while something is missing.

${table(
  ['program', 'at least', 'on Debian and Ubuntu', 'on macOS'],
  Object.values(manifest.tools).map(({ command, minimum, fix }) => [
    `\`${command}\``,
    minimum,
    commandOrText(fix.debian),
    commandOrText(fix.macos),
  ]),
)}

${machineNotes(manifest)}

## The cache

\`SAGAPROOF_CACHE_DIR\`, else \`$XDG_CACHE_HOME/sagaproof\`, else \`~/.cache/sagaproof\` (macOS:
\`~/Library/Caches/sagaproof\`). It takes about 1 GB, and may be deleted whenever no
stack runs.

| folder | holds |
|---|---|
| \`pieces/<package>-<key>\` | a package and its stamp: size, time and SHA-256 of each file |
| \`unfinished\` | work of current and of killed runs |
| \`locks\` | one lock for each package, so that concurrent runs install it once |
| \`logs\` | what the installing programs printed |

The key is a hash of the package's entry in the manifest, the files that it names, and the platform.
A finished package is put in place by one rename. Each run compares sizes and times with the stamp
and reinstalls a damaged package; \`doctor\` compares every byte. An entry that no run has used for
14 days is removed when another version of the package is installed.

## Boot caches

After installation each JVM server is booted once, used a little and stopped; the JVM then writes
what it loaded into a cache (JDK 25 and newer: \`-XX:AOTCache\`, older: a dynamic CDS archive), and
later boots start from it. This happens at installation and not in the first real boot, because
writing the cache makes a stop 10 to 20 seconds longer. A cache is tied to the JVM, the class path
and the kind of heap: when one changes, the caches are made afresh. A JVM that does not accept its
cache boots plainly, and so does a server whose training failed.
`;
}

function packageRow(name: string, pkg: ManifestPackage): readonly string[] {
  return [
    name,
    pkg.serves.join(', '),
    pkg.components === undefined ? pkg.version : 'see below',
    sourceText(pkg.source),
    pinText(pkg.source),
    pkg.license,
  ];
}

function sourceText(source: PackageSource): string {
  switch (source.kind) {
    case 'wheel':
      return `PyPI wheel \`${source.package}\``;
    case 'python':
      return `PyPI \`${source.package}\``;
    case 'maven':
      return `Maven, \`${source.pom}\``;
    case 'go':
      return `Go module \`${source.package}\``;
    case 'npm':
      return `npm \`${source.package}\``;
    default:
      return source satisfies never;
  }
}

function pinText(source: PackageSource): string {
  switch (source.kind) {
    case 'wheel':
      return `SHA-256 of ${Object.keys(source.sha256).length} wheels`;
    case 'npm':
      return `SHA-512 of ${Object.keys(source.integrity).length} packages`;
    case 'maven':
    case 'go':
    case 'python':
      return `\`${source.lock}\``;
    default:
      return source satisfies never;
  }
}

function componentsTable(manifest: Manifest): string {
  const rows = Object.values(manifest.packages).flatMap(({ components }) =>
    Object.entries(components ?? {}).map(([name, { artifact, version }]) => [
      name,
      version,
      `\`${artifact}\``,
    ]),
  );
  return table(['component', 'version', 'artefact'], rows);
}

function machineNotes({ packages }: Manifest): string {
  const { minimum, preferred } = packages.java.machine ?? {};
  const redis = packages.redis.machine;
  const command = `\`${redis?.command}\``;
  return `A JDK of version ${minimum} or newer that is found (\`JAVA_HOME\`, \`PATH\`, the usual
folders; ${preferred} or newer first) is used instead of the Java wheel. A ${command} of
version ${redis?.minimum} or newer is used only where there is no Valkey wheel for the platform.
Postgres refuses to run as root: root runs it in a user namespace, or, where the system allows
none, as the user \`postgres\` or \`nobody\`.`;
}

/** Commands are set as code; a sentence is not. */
function commandOrText(fix: string): string {
  return /^(apt-get|brew) /.test(fix) ? `\`${fix}\`` : fix;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
