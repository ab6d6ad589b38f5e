import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { nearest } from '../kernel/suggestion.ts';
import { GateError, namesOf } from './error.ts';

export const DEPLOYMENTS_FILE = 'contracts/deployments.yaml';
const HEADER =
  ' Which version of each service runs where. Written by `sagaproof gate record-deployment`.';

const Deployment = z.strictObject({
  version: z.string().min(1),
  /** The commit that it was built from, whose contracts it uses. */
  commit: z.string().regex(/^[0-9a-f]{7,64}$/),
});
const Deployments = z.strictObject({
  environments: z.record(z.string(), z.record(z.string(), Deployment)),
});

/** One service in one environment. */
export interface DeployedService extends z.infer<typeof Deployment> {
  readonly service: string;
}

/**
 * What runs in an environment. Throws a {@link GateError} when the file is wrong, or knows no such
 * environment.
 */
export function deployedIn(root: string, environment: string): DeployedService[] {
  const { environments } = readDeployments(root);
  const services = environments[environment];
  if (services === undefined) {
    const known = Object.keys(environments);
    const near = nearest(environment, known);
    throw new GateError(
      `${DEPLOYMENTS_FILE} knows no environment "${environment}"${near === undefined ? '' : ` (did you mean ${near}?)`}: ${namesOf(known)}`,
      {
        code: 'unknown-name',
        file: DEPLOYMENTS_FILE,
        fix: `record a deployment: sagaproof gate record-deployment <service> <version> --to ${environment}`,
      },
    );
  }
  if (Object.keys(services).length === 0) {
    throw new GateError(
      `${DEPLOYMENTS_FILE} says that nothing runs in "${environment}", so there is nothing to compare with`,
      {
        file: DEPLOYMENTS_FILE,
        fix: `record what runs: sagaproof gate record-deployment <service> <version> --to ${environment}`,
      },
    );
  }
  return Object.entries(services).map(([service, deployment]) => ({ service, ...deployment }));
}

/** Records that a version of a service, built from a commit, runs in an environment. */
export function recordDeployment(
  root: string,
  environment: string,
  { service, version, commit }: DeployedService,
): void {
  const path = join(root, DEPLOYMENTS_FILE);
  readDeployments(root);
  const document = existsSync(path)
    ? parseDocument(readFileSync(path, 'utf8'))
    : new Document({ environments: {} });
  if (!existsSync(path)) document.commentBefore = HEADER;
  document.setIn(
    ['environments', environment, service],
    document.createNode({ version, commit }, { flow: true }),
  );
  writeFileSync(path, document.toString({ lineWidth: 100 }));
}

function readDeployments(root: string): z.infer<typeof Deployments> {
  const path = join(root, DEPLOYMENTS_FILE);
  if (!existsSync(path)) return { environments: {} };
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new GateError(`${DEPLOYMENTS_FILE} is not YAML: ${(error as Error).message}`, {
      file: DEPLOYMENTS_FILE,
    });
  }
  const parsed = Deployments.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GateError(`${DEPLOYMENTS_FILE} is not valid: ${z.prettifyError(parsed.error)}`, {
    file: DEPLOYMENTS_FILE,
  });
}
