import { type Answer, answerOf } from './answer/answer.ts';
import { checkAsyncapi } from './asyncapi/check.ts';
import { checkAvro } from './avro/check.ts';
import {
  type Baseline,
  type Comparison,
  type EarlierText,
  type FormatCheck,
  TOPICS_FILE,
  topicsOf,
} from './comparison.ts';
import { type GateConfig, readGateConfig } from './config.ts';
import { configOfBoth, coverageProblems } from './coverage.ts';
import { deployedIn } from './deployments.ts';
import { GateError, namesOf } from './error.ts';
import type { Finding } from './finding.ts';
import { checkJsonSchemas } from './json-schema/check.ts';
import { checkOpenapi } from './openapi/check.ts';
import { askBroker } from './pact/broker.ts';
import { checkPacts } from './pact/check.ts';
import { checkProtobuf } from './protobuf/check.ts';
import { checkRecorded } from './recorded/check.ts';
import { RECORDED_FOLDER } from './recorded/recorded.ts';
import { checkRunning, type Running } from './recorded/running.ts';
import { GitRepository } from './sources/git.ts';
import { Registry } from './sources/registry.ts';
import { sameFiles, type Tree } from './sources/tree.ts';
import { checkTopics } from './topics/check.ts';

/** The question, from the command line. */
export interface Question {
  /** A folder in the repository. */
  readonly repository: string;
  /** A git ref; default: the merge base of main. */
  readonly base?: string;
  /** An environment of contracts/deployments.yaml, instead of a base. */
  readonly against?: string;
  /** Check the index instead of the working tree. */
  readonly staged: boolean;
  readonly service?: string;
  readonly version?: string;
  /** Address of a schema registry to also compare with. */
  readonly registry?: string;
  /** Address of a Pact Broker to also query. */
  readonly broker?: string;
  /** Addresses of a stack to whose consumers recorded messages are replayed. */
  readonly running?: Running['addresses'];
  /** Receives progress messages. */
  readonly note?: (what: string) => void;
}

const CHECKS: readonly FormatCheck[] = [
  checkAvro,
  checkProtobuf,
  checkOpenapi,
  checkAsyncapi,
  checkJsonSchemas,
  checkTopics,
  checkPacts,
  checkRecorded,
];

/** Answers whether the change can be deployed next to what runs. Throws {@link GateError}s. */
export async function gate(question: Question): Promise<Answer> {
  const repository = await GitRepository.at(question.repository);
  using stack = new DisposableStack();
  const head = question.staged
    ? stack.use(await repository.checkOut('index')).tree
    : await repository.workingTree();
  const config = readGateConfig(head);
  checkService(question.service, head, config);
  const baselines = await baselinesOf(repository, question, stack);
  const findings: Finding[] = [];
  const { service, version } = question;
  const registry = question.registry === undefined ? undefined : new Registry(question.registry);
  const shared = {
    ...(service === undefined ? {} : { asked: { service, version } }),
    ...(registry && { registered: memoized((subject) => registry.subject(subject)) }),
  };
  const notes = new Set<string>();
  const units = new Units();
  for (const { baseline, ref } of baselines) {
    const earlier = memoized((path) => earlierTexts(repository, path, ref));
    const comparison: Comparison = {
      base: baseline,
      head,
      config: configOfBoth(baseline.tree, config),
      earlier,
      note: (text) => notes.add(text),
      compared: (name, hasChanged) => units.add(name, hasChanged),
      ...shared,
    };
    for (const check of CHECKS) findings.push(...(await check(comparison)));
    units.addFolders(comparison);
    findings.push(...coverageProblems(baseline, head, comparison.config, units.names));
  }
  findings.push(...(await brokerFindings(question)));
  if (question.running !== undefined) {
    findings.push(
      ...(await checkRunning({
        head,
        addresses: question.running,
        ...(question.note && { onPlayed: question.note }),
      })),
    );
  }
  const relevant = findings.filter(
    ({ causes }) => service === undefined || causes.length === 0 || causes.includes(service),
  );
  return answerOf(
    {
      what: service === undefined ? head.label : `${service} ${version ?? `of ${head.label}`}`,
      where:
        question.against === undefined
          ? `next to ${baselines.map(({ baseline }) => baseline.tree.label).join(', ')}`
          : `to ${question.against}`,
      compared: baselines.flatMap(({ baseline }) => comparedWith(baseline)),
      notes: [...notes],
      hasChanged: units.haveChanged || question.running !== undefined,
    },
    relevant,
  );
}

/** The broker knows versions and environments, but no working trees. */
async function brokerFindings(question: Question): Promise<Finding[]> {
  const { broker, service, version, against } = question;
  if (broker === undefined) return [];
  if (service !== undefined && version !== undefined && against !== undefined) {
    return askBroker({ service, version, environment: against }, broker);
  }
  return [];
}

function comparedWith({ services, tree }: Baseline): string[] {
  if (services === 'all') return [tree.label];
  return [...services].map(([service, version]) => `${service} ${version}`);
}

/** Every service that the contracts mention. */
export function knownServices(head: Tree, config: GateConfig): string[] {
  const { topics } = topicsOf(head);
  const names = [
    ...topics.flatMap(({ producers, consumers }) => [...producers, ...consumers]),
    ...Object.entries(config.callers).flatMap(([provider, callers]) => [provider, ...callers]),
    ...[...config.openapi, ...config.asyncapi].map(({ provider }) => provider),
  ];
  return [...new Set(names)].sort();
}

/** Throws a {@link GateError} for a service that no contract mentions. */
export function checkService(service: string | undefined, head: Tree, config: GateConfig): void {
  const known = knownServices(head, config);
  if (service === undefined || known.includes(service)) return;
  throw new GateError(`no contract mentions a service "${service}": ${namesOf(known)}`, {
    code: 'unknown-name',
    fix: 'add it to contracts/topology.yaml or contracts/spec/topics.yaml',
  });
}

interface BaselineAt {
  readonly baseline: Baseline;
  readonly ref: string;
}

async function baselinesOf(
  repository: GitRepository,
  { base, against }: Question,
  stack: DisposableStack,
): Promise<BaselineAt[]> {
  if (against === undefined) {
    const chosen = base === undefined ? await repository.defaultBase() : undefined;
    const ref = chosen?.commit ?? base ?? 'HEAD';
    const { tree } = stack.use(
      await repository.checkOut({ ref, ...(chosen && { why: chosen.why }) }),
    );
    return [{ baseline: { tree, services: 'all' }, ref }];
  }
  const deployed = deployedIn(repository.root, against);
  const byCommit = Map.groupBy(deployed, ({ commit }) => commit);
  const baselines: BaselineAt[] = [];
  for (const [ref, services] of byCommit) {
    const { tree } = stack.use(await repository.checkOut({ ref }));
    const versions = new Map(services.map((one) => [one.service, one.version]));
    baselines.push({ baseline: { tree, services: versions }, ref });
  }
  return baselines;
}

/** What both or one of the versions has to compare. */
class Units {
  readonly names = new Set<string>();
  haveChanged = false;

  add(name: string, hasChanged: boolean): void {
    this.names.add(name);
    this.haveChanged ||= hasChanged;
  }

  /** Contracts that are compared as whole folders. */
  addFolders({ base: { tree, services }, head, config }: Comparison): void {
    for (const path of [TOPICS_FILE, config.pacts.folder, RECORDED_FOLDER]) {
      const isSame = sameFiles(tree, head, path, '') && tree.read(path) === head.read(path);
      const exists = [tree, head].some(
        (one) => one.read(path) !== undefined || one.list(path, '').length > 0,
      );
      // Versions that run are compared with verifications, which are in no version.
      if (exists) this.add(path, !isSame || services !== 'all');
    }
  }
}

async function earlierTexts(
  repository: GitRepository,
  path: string,
  ref: string,
): Promise<EarlierText[]> {
  const [, ...earlier] = await repository.versionsOf(path, ref);
  return earlier.map(({ commit, text }) => ({ label: commit, text }));
}

function memoized<T>(ask: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (path) => {
    const answer = answers.get(path) ?? ask(path);
    answers.set(path, answer);
    return answer;
  };
}
