import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import {
  documentJsonSchema,
  JSON_DOCUMENTS,
  type JsonDocument,
  jsonSchemaFile,
} from '../cli/json-documents.ts';
import { COVERAGE_SCHEMA_PATH, coverageJsonSchema } from '../coverage/coverage-schema.ts';
import { deploymentOutputs } from '../deployment/outputs.ts';
import { ANSWER_SCHEMA_FILE, answerJsonSchema } from '../gate/answer/answer.ts';
import { HISTORY_SCHEMA_PATH, historyJsonSchema } from '../history/history-json-schema.ts';
import { REFERENCE_PAGE, renderReferencePage } from '../provision/reference-page.ts';
import { VERDICT_SCHEMA_PATH, verdictJsonSchema } from '../report/verdict-schema.ts';
import { manifestJsonSchema, SCHEMA_PATH } from '../testbed/services/manifest-json-schema.ts';
import { avroTypes } from './avro-types.ts';
import { CLI_PAGE, renderCliPage } from './cli-page.ts';
import { EVENT_CHECK_FILE, eventCheck } from './event-check.ts';
import { factOutputs } from './fact-outputs.ts';
import { PROMISES_PAGE, renderPromisesPage } from './promises-page.ts';
import { renderServicePage, servicePage, specifiedServices } from './service-pages.ts';
import { renderWirePage, WIRE_PAGE } from './wire-page.ts';

/** Writes all generated files: `pnpm generate`. */
const root = fileURLToPath(new URL('../../', import.meta.url));
writeFileSync(`${root}avro/types.generated.ts`, avroTypes(`${root}avro`));
for (const [file, text] of Object.entries(factOutputs())) writeFileSync(`${root}${file}`, text);
for (const [file, text] of Object.entries(deploymentOutputs())) {
  mkdirSync(dirname(`${root}${file}`), { recursive: true });
  writeFileSync(`${root}${file}`, text);
}
writeFileSync(`${root}${REFERENCE_PAGE}`, renderReferencePage());
writeFileSync(SCHEMA_PATH, `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
writeFileSync(`${root}${EVENT_CHECK_FILE}`, eventCheck());
writeFileSync(HISTORY_SCHEMA_PATH, `${JSON.stringify(historyJsonSchema(), null, 2)}\n`);
writeFileSync(VERDICT_SCHEMA_PATH, `${JSON.stringify(verdictJsonSchema(), null, 2)}\n`);
writeFileSync(`${root}${WIRE_PAGE}`, renderWirePage());
for (const service of specifiedServices()) {
  writeFileSync(`${root}${servicePage(service)}`, renderServicePage(service));
}
writeFileSync(`${root}${PROMISES_PAGE}`, renderPromisesPage());
writeFileSync(`${root}${CLI_PAGE}`, renderCliPage());
writeFileSync(`${root}${ANSWER_SCHEMA_FILE}`, answerJsonSchema());
writeFileSync(COVERAGE_SCHEMA_PATH, coverageJsonSchema());
for (const name of Object.keys(JSON_DOCUMENTS) as JsonDocument[]) {
  writeFileSync(`${root}${jsonSchemaFile(name)}`, documentJsonSchema(name));
}
for (const module of ['proto', 'harness/testbed/otlp']) {
  await execa('buf', ['generate'], { cwd: `${root}${module}`, preferLocal: true, localDir: root });
}
