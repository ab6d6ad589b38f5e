import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '../../kernel/address-book.ts';
import { SagaproofError } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/suggestion.ts';
import { MANIFEST_FILE } from './definition.ts';
import { type LoadedManifest, loadManifest } from './manifest.ts';

/** `NAME=value` for every subject, or `service:NAME=value` for one. */
const VARIABLE = /^(?:([a-z][a-z0-9-]*):)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

interface Variable {
  readonly service: string | undefined;
  readonly name: string;
  readonly value: string;
}

/**
 * Reads the manifests that a command names.
 *
 * @param paths of manifests, or of folders with one
 * @param env variables that are added to those of the manifests, or replace them
 * @throws ManifestError, or a usage error about a variable
 */
export function loadSubjects(
  paths: readonly string[],
  env: readonly string[] = [],
): LoadedManifest[] {
  const subjects = paths.map((path) =>
    loadManifest(isFolder(path) ? join(path, MANIFEST_FILE) : path),
  );
  const variables = env.map((text) => parsed(text, subjects));
  return subjects.map((subject) => {
    const { manifest } = subject;
    const own = variables.filter(
      ({ service }) => service === undefined || service === manifest.service,
    );
    const added = Object.fromEntries(own.map(({ name, value }) => [name, value]));
    return { ...subject, manifest: { ...manifest, env: { ...manifest.env, ...added } } };
  });
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

function parsed(text: string, subjects: readonly LoadedManifest[]): Variable {
  const [, service, name, value] = VARIABLE.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw usage(
      `--env ${text} is not NAME=value`,
      'write --env NAME=value, or --env service:NAME=value',
    );
  }
  if (subjects.length === 0) {
    throw usage(`--env ${text} has no subject`, 'name the subject that gets it with --subject');
  }
  if (service !== undefined && !subjects.some(({ manifest }) => manifest.service === service)) {
    const known = nearest(service, SERVICES);
    const hint = known === undefined || known === service ? '' : `; did you mean ${known}?`;
    const named = subjects.map(({ manifest }) => manifest.service).join(', ');
    throw usage(
      `--env ${text}: ${service} is no subject of this command${hint}`,
      `subjects: ${named}`,
    );
  }
  return { service, name, value };
}

const usage = (message: string, fix: string) => new SagaproofError('usage', message, { fix });
