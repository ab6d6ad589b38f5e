/** What is in every image: the bundled programs, and the files that they read. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { trackedPaths } from '../dev/source-files.ts';
import { packageAsset } from '../kernel/package-assets.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { bundleServices } from './service-bundles.ts';

const FILES_READ =
  /^(avro\/.*\.avsc|proto\/sagaproof\/.*\.proto|contracts\/(spec\/.*\.(yaml|sql)|topology\.yaml|sagas\.yaml)|package\.json|LICENSE)$/;
/** Where scanners find it in an image, under `/app`. */
const BILL_OF_MATERIALS = 'sbom.cdx.json';
/** The program of the testbed's image, by the name of its bundle. */
const TESTBED = { 'testbed/main': 'harness/deployment/testbed-main.ts' };

/** Writes the context of images/Dockerfile, without the Dockerfile. */
export async function prepareImageContext(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const builtIn = await bundleServices(folder, TESTBED);
  writeFileSync(join(folder, BILL_OF_MATERIALS), billOfMaterials(builtIn));
  for (const path of trackedPaths().filter((one) => FILES_READ.test(one))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(packageAsset(path), join(folder, path));
  }
  for (const file of ['start.mjs', 'healthy.mjs']) {
    cpSync(packageAsset(`images/${file}`), join(folder, file));
  }
}
