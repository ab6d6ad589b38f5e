/** What the images are made of, for scanners: CycloneDX. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { z } from 'zod';
import { VERSION } from '../kernel/version.ts';
import type { BuiltIn } from './service-bundles.ts';

const Description = z.object({ version: z.string(), license: z.string().optional() });

/** Every package that is built into the bundles, as a CycloneDX 1.6 document. */
export function billOfMaterials(builtIn: BuiltIn): string {
  const bom = new Models.Bom();
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, 'sagaproof', {
    version: VERSION,
  });
  for (const [name, folder] of builtIn) bom.components.add(componentOf(name, folder));
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const serializer = new Serialize.JsonSerializer(factory);
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf(name: string, folder: string): Models.Component {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  const { version, license } = Description.parse(JSON.parse(text));
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const component = new Models.Component(Enums.ComponentType.Library, name, {
    version,
    purl,
    bomRef: purl,
  });
  if (license !== undefined) component.licenses.add(new Models.LicenseExpression(license));
  return component;
}
