import type { Baseline } from './comparison.ts';
import { TOPICS_FILE } from './comparison.ts';
import { CONFIG_FILES, type GateConfig, hasConfig, readGateConfig } from './config.ts';
import type { Finding, Format } from './finding.ts';
import type { Tree } from './sources/tree.ts';

type Sources = Pick<GateConfig, 'avro' | 'protobuf' | 'openapi' | 'asyncapi' | 'jsonSchema'>;

/**
 * The settings of the new version, with what the old settings list as well: a document that is
 * taken out of the settings is still one that clients use.
 */
export function configOfBoth(base: Tree, head: GateConfig): GateConfig {
  if (!hasConfig(base)) return head;
  const old = readGateConfig(base);
  const united = <T>(now: readonly T[], was: readonly T[], path: (one: T) => string): T[] => [
    ...now,
    ...was.filter((one) => !now.some((other) => path(other) === path(one))),
  ];
  return {
    ...head,
    avro: united(head.avro, old.avro, ({ folder }) => folder),
    protobuf: united(head.protobuf, old.protobuf, ({ module }) => module),
    openapi: united(head.openapi, old.openapi, ({ file }) => file),
    asyncapi: united(head.asyncapi, old.asyncapi, ({ file }) => file),
    jsonSchema: united(head.jsonSchema, old.jsonSchema, ({ path }) => path),
  };
}

/** What could not be compared, and would otherwise be a silent yes. */
export function coverageProblems(
  { tree: base }: Baseline,
  head: Tree,
  config: GateConfig,
  compared: ReadonlySet<string>,
): Finding[] {
  const problems = [...hiddenProblems(base, head, config), ...missingProblems(base, head, config)];
  if (compared.size > 0 || problems.length > 0) return problems;
  return [
    unknown('gate', {
      subject: 'the repository',
      rule: 'gate/nothing-to-compare',
      file: CONFIG_FILES[0],
      what: `neither ${head.label} nor ${base.label} has a schema or contract where the settings look for one`,
      fix: 'run `sagaproof gate init`, which finds them and writes gate.yaml',
    }),
  ];
}

/** Submodules and links without content, unless both versions have the same. */
function hiddenProblems(base: Tree, head: Tree, config: GateConfig): Finding[] {
  return pathsOf(config).flatMap(({ format, path }) => {
    const [was, is] = [base, head].map((tree) => tree.hidden?.(path) ?? []);
    const others = [...(was ?? []), ...(is ?? [])].filter(
      ({ id }, _, all) => all.filter((other) => other.id === id).length !== 2,
    );
    const reasons = [...new Set(others.map(({ reason }) => reason))];
    return reasons.map((what) =>
      unknown(format, {
        subject: path,
        rule: `${format}/not-available`,
        file: path,
        what,
        fix: 'fetch it, or run the gate in the repository that it comes from',
      }),
    );
  });
}

function missingProblems(base: Tree, head: Tree, config: GateConfig): Finding[] {
  const exists = (tree: Tree, path: string): boolean =>
    tree.read(path) !== undefined || tree.list(path, '').length > 0;
  return config.named
    .filter((path) => ![base, head].some((tree) => exists(tree, path)))
    .filter((path) => ![base, head].some((tree) => (tree.hidden?.(path) ?? []).length > 0))
    .map((path) =>
      unknown('gate', {
        subject: path,
        rule: 'gate/path-missing',
        file: CONFIG_FILES.find((file) => head.read(file) !== undefined) ?? CONFIG_FILES[0],
        what: `the settings name ${path}, and neither version has it`,
        fix: 'correct the path',
      }),
    );
}

function pathsOf(config: Sources): Array<{ readonly format: Format; readonly path: string }> {
  const all = <F extends Format>(format: F, paths: readonly string[]) =>
    paths.map((path) => ({ format, path }));
  return [
    ...all(
      'avro',
      config.avro.map(({ folder }) => folder),
    ),
    ...all(
      'protobuf',
      config.protobuf.map(({ module }) => module),
    ),
    ...all(
      'openapi',
      config.openapi.map(({ file }) => file),
    ),
    ...all(
      'asyncapi',
      config.asyncapi.map(({ file }) => file),
    ),
    ...all(
      'json-schema',
      config.jsonSchema.map(({ path }) => path),
    ),
    ...all('topics', [TOPICS_FILE]),
  ];
}

const unknown = (
  format: Format,
  problem: Pick<Finding, 'subject' | 'rule' | 'file' | 'what' | 'fix'>,
): Finding => ({
  format,
  ...problem,
  line: 1,
  causes: [],
  breaks: [`users of ${problem.subject}`],
  fails: 'may break',
  certainty: 'unknown',
});
