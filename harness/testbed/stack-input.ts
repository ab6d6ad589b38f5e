import { loadConfig, type SagaproofConfig } from './config.ts';
import { select } from './links.ts';
import { chosenSubjects, defineServices, type ServiceDefinition } from './services/definition.ts';
import { type LoadedManifest, loadManifest } from './services/manifest.ts';

/** What a stack takes from configuration and manifests: read once, and passed on from here. */
export interface StackInput {
  readonly config: SagaproofConfig;
  /** Every service that runs, a reference or a subject. */
  readonly services: readonly ServiceDefinition[];
}

/**
 * Reads the configuration and every manifest that a stack needs.
 *
 * @throws ConfigError or ManifestError with the file and what is wrong in it
 */
export async function readInput(order: {
  readonly config?: string;
  readonly only?: readonly string[];
  /** Manifests that the command names. */
  readonly subjects: readonly LoadedManifest[];
}): Promise<StackInput> {
  const config = await loadConfig(order.config);
  const { services } = select(order.only);
  const configured = config.subjects.map((path) => loadManifest(path));
  const subjects = chosenSubjects(services, order.subjects, configured);
  return { config, services: defineServices(services, subjects) };
}
