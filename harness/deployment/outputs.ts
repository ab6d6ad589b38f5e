import { chartFiles } from './charts.ts';
import { composeFile } from './compose.ts';

/** By path from the repository's root: every generated file of Compose and Helm. */
export const deploymentOutputs = (): Readonly<Record<string, string>> => ({
  'compose/compose.yaml': composeFile(),
  ...chartFiles(),
});
