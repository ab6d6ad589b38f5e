import type { DescMethod } from '@bufbuild/protobuf';
import type { ServiceName } from '../kernel/address-book.ts';
import {
  answersValidRequests,
  endsExpiredCalls,
  type Finding,
  ignoresUnknownFields,
  keepsTinyDeadlines,
  type RpcCheck,
  type RpcUnderTest,
  refusesFlaws,
  refusesGarbage,
  refusesOversized,
  shown,
  survivesCancelledCalls,
  toleratesMetadata,
} from './grpc-checks.ts';
import { RawChannel } from './raw-channel.ts';
import type { Recipe, Recipes } from './recipe.ts';
import { type ConformanceResult, resultOf } from './result.ts';

/** In this order: the ones that a service may not survive come last. */
const CHECKS: readonly RpcCheck[] = [
  ignoresUnknownFields,
  refusesFlaws,
  toleratesMetadata,
  endsExpiredCalls,
  keepsTinyDeadlines,
  survivesCancelledCalls,
  refusesGarbage,
  refusesOversized,
];

/** Makes a recipe's only request once. */
function thrifty(recipe: Recipe): Recipe {
  if (!recipe.readOnly) return recipe;
  let made: ReturnType<Recipe['request']> | undefined;
  return {
    ...recipe,
    request: () => {
      made ??= recipe.request();
      return made;
    },
  };
}

export interface GrpcConformanceOptions {
  readonly service: ServiceName;
  /** host:port of any implementation of the service. */
  readonly address: string;
  readonly recipes: Recipes;
  /** Decides which random bytes are sent. */
  readonly seed: string;
  readonly signal?: AbortSignal;
  /** Receives the results of each method once all its checks have run. */
  readonly onResults?: (results: readonly ConformanceResult[]) => void;
}

/**
 * Checks every method of a service against gRPC, the proto files and the specifications. It needs
 * only descriptors and addresses, so any implementation can be checked.
 *
 * @returns one result for each case, and never none: a service without a case has failed
 */
export async function runGrpcConformance(
  options: GrpcConformanceOptions,
): Promise<readonly ConformanceResult[]> {
  const { service, recipes, signal, onResults } = options;
  const results: ConformanceResult[] = [];
  const add = (rpc: string, findings: readonly Finding[]) => {
    const own = findings.map((finding) => resultOf({ service, rpc, ...finding }));
    results.push(...own);
    onResults?.(own);
  };
  const channel = new RawChannel(options.address);
  try {
    for (const method of recipes.service.methods) {
      signal?.throwIfAborted();
      add(method.name, await checkMethod(method, options, channel));
    }
    add('*', await checkUnknownMethods(recipes, channel));
  } finally {
    channel.close();
  }
  return results;
}

async function checkMethod(
  method: DescMethod,
  { recipes, seed, signal }: GrpcConformanceOptions,
  channel: RawChannel,
): Promise<readonly Finding[]> {
  const recipe = recipes.recipes.find((known) => known.method === method);
  if (recipe === undefined) {
    const seen = 'no recipe makes a valid request for it, so nothing was checked';
    return [{ check: 'a valid request', expected: 'OK', seen, skipped: true }];
  }
  const pulse = recipes.recipes.find(({ slow }) => !slow) ?? recipe;
  const rpc: RpcUnderTest = { channel, recipe: thrifty(recipe), pulse: thrifty(pulse), seed };
  const findings = [...(await findingsOf(answersValidRequests, rpc))];
  // A service that refuses every request would pass most checks.
  if (findings.some(({ seen }) => seen !== undefined)) return findings;
  for (const check of CHECKS) {
    signal?.throwIfAborted();
    findings.push(...(await findingsOf(check, rpc)));
  }
  return findings;
}

/** A check that cannot run is skipped, which is not a pass. */
async function findingsOf(check: RpcCheck, rpc: RpcUnderTest): Promise<readonly Finding[]> {
  try {
    return await check(rpc);
  } catch (error) {
    const seen = `the check could not run: ${(error as Error).message}`;
    return [{ check: named(check.name), expected: 'an answer to check', seen, skipped: true }];
  }
}

/** `refusesFlaws` as words. */
const named = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

async function checkUnknownMethods(
  { service }: Recipes,
  channel: RawChannel,
): Promise<readonly Finding[]> {
  const paths = {
    'an unknown method': `/${service.typeName}/NoSuchMethod`,
    'an unknown service': '/sagaproof.nowhere.v1.NoSuchService/NoSuchMethod',
  };
  const findings: Finding[] = [];
  for (const [check, path] of Object.entries(paths)) {
    const answer = await channel.call({ path, message: new Uint8Array() });
    const seen = answer.status === 'UNIMPLEMENTED' ? undefined : shown(answer);
    findings.push({ check, expected: 'UNIMPLEMENTED', seen });
  }
  return findings;
}
