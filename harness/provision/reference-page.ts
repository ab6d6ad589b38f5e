import { loadManifest, type Manifest, type ManifestPiece, type PieceSource } from './manifest.ts';

/** Where the page is, from the repository's root. */
export const REFERENCE_PAGE = 'docs/reference/provisioning.md';

/** The reference page on provisioning, made from the manifest: `pnpm generate` writes it. */
export function renderReferencePage(manifest: Manifest = loadManifest()): string {
  return `<!-- Written by pnpm generate from harness/provision/manifest.yaml. -->
# Provisioning

The native testbed needs no container engine and no root. Its first run fetches the pieces below
through the ordinary clients of their registries; later runs find them in the cache.
\`pnpm sagaproof doctor\` tells for each whether it is there, and what mends it when it is not.

## Pieces

${table(
  ['piece', 'serves', 'version', 'from', 'pinned by', 'licence'],
  Object.entries(manifest.pieces).map(([name, piece]) => pieceRow(name, piece)),
)}

${componentsTable(manifest)}

The event store, the OIDC issuer, the SMTP sink and the trace receiver are part of this repository.
Three more pieces are made here out of these: formatted Kafka storage, a Postgres data folder to
copy, and the boot caches of the three JVM servers.

## Programs that install them

Needed only while something is missing.

${table(
  ['program', 'at least', 'on Debian and Ubuntu', 'on macOS'],
  Object.values(manifest.tools).map(({ command, minimum, mend }) => [
    `\`${command}\``,
    minimum,
    commandOrText(mend.debian),
    commandOrText(mend.macos),
  ]),
)}

${machineNotes(manifest)}

## The cache

\`SAGAPROOF_CACHE_DIR\`, else \`$XDG_CACHE_HOME/sagaproof\`, else \`~/.cache/sagaproof\` (macOS:
\`~/Library/Caches/sagaproof\`). It takes about 1 GB, and may be deleted whenever no
stack runs.

| folder | holds |
|---|---|
| \`pieces/<piece>-<key>\` | a finished piece and its stamp: size, time and SHA-256 of each file |
| \`unfinished\` | work of a run that is under way, or was killed |
| \`locks\` | one lock for each piece, so that two runs do the work once |
| \`logs\` | what the installing programs printed |

The key is a hash of the piece's entry in the manifest, the files that it names, and the platform.
A piece appears by one rename when it is whole. Each run compares sizes and times with the stamp and
installs a damaged piece again; \`doctor\` compares every byte. An entry that no run has used for 14
days goes when another one of its kind comes.

## Boot caches

After installation each JVM server is booted once, used a little and stopped; the JVM then writes
what it loaded into a cache (JDK 25 and newer: \`-XX:AOTCache\`, older: a dynamic CDS archive), and
later boots start from it. This happens at installation and not in the first real boot, because
writing the cache makes a stop 10 to 20 seconds longer. A cache is tied to the JVM, the class path
and the kind of heap: when one changes, the caches are made afresh. A JVM that does not accept its
cache boots plainly, and so does a server whose training failed.
`;
}

function pieceRow(name: string, piece: ManifestPiece): readonly string[] {
  return [
    name,
    piece.serves.join(', '),
    piece.components === undefined ? piece.version : 'see below',
    sourceText(piece.source),
    pinText(piece.source),
    piece.license,
  ];
}

function sourceText(source: PieceSource): string {
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

function pinText(source: PieceSource): string {
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
  const rows = Object.values(manifest.pieces).flatMap(({ components }) =>
    Object.entries(components ?? {}).map(([name, { artifact, version }]) => [
      name,
      version,
      `\`${artifact}\``,
    ]),
  );
  return table(['component', 'version', 'artefact'], rows);
}

function machineNotes({ pieces }: Manifest): string {
  const { minimum, preferred } = pieces.java.machine ?? {};
  const redis = pieces.redis.machine;
  const command = `\`${redis?.command}\``;
  return `A JDK of version ${minimum} or newer that is found (\`JAVA_HOME\`, \`PATH\`, the usual
folders; ${preferred} or newer first) is used instead of the Java wheel. A ${command} of
version ${redis?.minimum} or newer is used only where there is no Valkey wheel for the platform.
Postgres refuses to run as root: root runs it in a user namespace, or, where the system allows
none, as the user \`postgres\` or \`nobody\`.`;
}

/** Commands are set as code; a sentence is not. */
function commandOrText(mend: string): string {
  return /^(apt-get|brew) /.test(mend) ? `\`${mend}\`` : mend;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
