import type { DescMethodUnary, DescService, Message, MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import type { ErrorCode } from '#contracts/spec/errors/registry.ts';
import type { RecipeWorld } from './recipes/world.ts';

/** How a method is called so that it has to answer OK, on any implementation of it. */
export interface Recipe {
  readonly method: DescMethodUnary;
  /** Prepares what the call needs, and gives a request of its own. */
  readonly request: () => Promise<Message>;
  /** It changes nothing: one request serves every check. */
  readonly readOnly: boolean;
  /**
   * What a command that came twice has done other than once; undefined when nothing is wrong.
   * Absent where nothing can be seen of it from outside.
   */
  readonly wrongEffect?: (request: Message) => Promise<string | undefined>;
  /** It takes so long that it is called only as often as has to be. */
  readonly slow?: boolean;
  /** What it may be refused with as long as an earlier call of it is under way. */
  readonly busyCode?: ErrorCode;
}

type Init<M extends DescMethodUnary> = MessageInitShape<M['input']>;

/** A method that asks. */
export function query<M extends DescMethodUnary>(
  method: M,
  request: () => Promise<Init<M>>,
): Recipe {
  return { method, readOnly: true, request: async () => messageOf(method, await request()) };
}

/** A method that changes something. */
export function command<M extends DescMethodUnary, R extends Init<M>>(
  method: M,
  parts: {
    readonly request: () => Promise<R>;
    readonly wrongEffect?: (request: R) => Promise<string | undefined>;
  } & Pick<Recipe, 'busyCode' | 'slow'>,
): Recipe {
  const { request, wrongEffect, ...rest } = parts;
  return {
    method,
    readOnly: false,
    request: async () => messageOf(method, await request()),
    ...(wrongEffect === undefined
      ? {}
      : { wrongEffect: (sent) => wrongEffect(sent as unknown as R) }),
    ...rest,
  };
}

const messageOf = (method: DescMethodUnary, init: unknown): Message =>
  create(method.input, init as MessageInitShape<DescMethodUnary['input']>) as Message;

/** How each method of a service is called; a method that none is for is a finding of its own. */
export interface Recipes {
  readonly service: DescService;
  readonly recipes: readonly Recipe[];
  /** Ends what the recipes use. */
  readonly end?: () => void;
}

/** @param address host:port of the implementation that is checked */
export type RecipesOf = (world: RecipeWorld, address: string) => Recipes;
