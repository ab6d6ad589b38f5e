/** Which implementation of each service runs: the reference, or a subject that the user named. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '../../kernel/address-book.ts';
import { PACKAGE_ROOT } from '../../kernel/package-assets.ts';
import { type LoadedManifest, loadManifest, ManifestError } from './manifest.ts';

export interface ServiceDefinition extends LoadedManifest {
  readonly service: ServiceName;
  /** True when the user named it. */
  readonly subject: boolean;
}

/** What the manifest of a service is named. */
export const MANIFEST_FILE = 'sagaproof.service.yaml';

/** Where the reference implementation's manifest is. */
const referenceManifest = (service: ServiceName): string =>
  join(PACKAGE_ROOT, 'reference-services', service, MANIFEST_FILE);

/**
 * Manifests of the subjects of one command. A subject of the configuration applies to every
 * command, except where its service does not run or the command names another subject for it.
 *
 * @param named for this command; {@link defineServices} reports when one of them does not fit
 */
export function chosenSubjects(
  services: ReadonlySet<ServiceName>,
  named: readonly LoadedManifest[],
  configured: readonly LoadedManifest[],
): LoadedManifest[] {
  const taken = new Set(named.map(({ manifest }) => manifest.service));
  const rest = configured.filter(
    ({ manifest: { service } }) => services.has(service) && !taken.has(service),
  );
  return [...named, ...rest];
}

/**
 * Reads the manifests of reference services; the others are read already.
 *
 * @param services which services run
 * @param subjects manifests that take the place of reference services
 * @throws when two manifests implement the same service, or one names a service that does not run
 */
export function defineServices(
  services: ReadonlySet<ServiceName>,
  subjects: readonly LoadedManifest[],
): ServiceDefinition[] {
  const named = new Map<ServiceName, LoadedManifest>();
  for (const loaded of subjects) {
    const { service } = loaded.manifest;
    const other = named.get(service);
    if (other)
      throw new ManifestError(
        `${loaded.file}: ${other.file} is ${service} already; name one of them`,
      );
    if (!services.has(service)) {
      throw new ManifestError(
        `${loaded.file}: ${service} is not part of the stack that was ordered: ` +
          [...services].join(', '),
      );
    }
    named.set(service, loaded);
  }
  return [...services].map((service) => {
    const subject = named.get(service);
    if (subject) return { ...subject, service, subject: true };
    return { ...loadReference(service), service, subject: false };
  });
}

function loadReference(service: ServiceName): LoadedManifest {
  const file = referenceManifest(service);
  if (!existsSync(file)) {
    throw new ManifestError(`there is no reference ${service}: ${file} does not exist`);
  }
  const loaded = loadManifest(file);
  if (loaded.manifest.service !== service) {
    throw new ManifestError(
      `${file}: service is ${loaded.manifest.service}, the folder says ${service}`,
    );
  }
  return loaded;
}
