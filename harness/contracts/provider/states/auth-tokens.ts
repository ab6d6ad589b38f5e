import { askOwnServer } from '../../../clients/own-server.ts';
import type { StateContext, StateHandler, States } from '../state.ts';
import { exclusive } from '../state.ts';
import { delay, isServed } from './outage.ts';

type Claims = Readonly<Record<string, unknown>>;

const SPARE_MS = 250;

const withToken =
  (claims: (context: StateContext) => Claims): StateHandler =>
  async (context) => {
    const { mint, names } = context;
    names.bind('accessToken', await mint({ sub: names.of('userId'), ...claims(context) }));
  };

/** Two tokens that are signed with a new key of the issuer: for the contract, and to look with. */
async function withNewKey({ mint, names, stack }: StateContext): Promise<string> {
  const response = await askOwnServer(stack.addressBook.oidc.rotateUrl, { method: 'POST' });
  if (!response.ok) throw new Error(`the issuer kept its key: HTTP ${response.status}`);
  names.bind('accessToken', await mint({ sub: names.of('userId') }));
  return mint({ sub: names.of('userId') });
}

const ask = ({ rpc }: StateContext, accessToken: string, deadlineMs?: number) =>
  rpc.auth.call('authenticate', { accessToken }, deadlineMs === undefined ? {} : { deadlineMs });

/**
 * An issuer that is away, or slow, is noticed with the first token whose key is not known; and not
 * before auth may ask it again, which it does every 500 ms at most.
 */
const withoutIssuer = (take: (context: StateContext) => Promise<void>): StateHandler =>
  exclusive(async (context) => {
    const token = await withNewKey(context);
    context.defer(async () => {
      await context.until('auth to know the new key', async () => (await ask(context, token)).ok);
    });
    await take(context);
    await context.until('auth to miss its issuer', async () => {
      return !isServed(await ask(context, token, SPARE_MS));
    });
  });

/** Sets up the provider states of auth. */
export const authTokenStates: States = {
  'the token is good, and has the groups customers and operators and an e-mail address': withToken(
    ({ names }) => ({ groups: ['customers', 'operators'], email: names.of('email') }),
  ),
  'the token is good, and has neither groups nor an e-mail address': withToken(() => ({})),
  'the issuer has a new key, and the token is signed with it': exclusive(async (context) => {
    const token = await withNewKey(context);
    await context.until('auth to take the new key', async () => (await ask(context, token)).ok);
  }),
  'the token has expired': withToken(() => ({ expiresInSeconds: -3_600 })),
  'the token is no token at all': async () => undefined,
  'the token is of another issuer': withToken(() => ({ issuer: 'https://issuer.example' })),
  'the token is signed with a key that its issuer does not publish': withToken(() => ({
    unpublishedKey: true,
  })),
  'the token is for another app client': withToken(() => ({ audience: 'another-client' })),
  'the token is an id token': withToken(() => ({ tokenUse: 'id' })),
  'the token is signed with a new key, and the issuer cannot be reached': withoutIssuer((context) =>
    context.cut('auth→oidc'),
  ),
  'the token is signed with a new key, and the issuer is slow': withoutIssuer((context) =>
    delay(context, 'auth', 'oidc'),
  ),
};
