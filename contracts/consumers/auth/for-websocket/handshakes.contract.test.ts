import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { instant } from '#harness/contracts/consumer/matchers.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { testContext } from '#kit/context.testkit.ts';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { authClient } from '../../../../reference-services/websocket/adapters/auth-client.ts';
import { becomes, failsWith } from '../../outcomes.testkit.ts';

const { accessToken, userId } = FICTION;
const EXPIRES_AT = '2026-11-22T10:00:00Z';

const contract = contractBetween({ consumer: 'websocket', provider: 'auth' });

const question = {
  method: AuthService.method.authenticate,
  request: { accessToken },
  consume: async (address: string) => {
    await using context = testContext();
    return await authClient(context, address).authenticate(accessToken);
  },
};

grpcInteraction(contract, {
  ...question,
  description: 'the token of a handshake',
  given: 'the token is good, and has neither groups nor an e-mail address',
  answer: answered({ principal: { userId, expiresAt: instant(EXPIRES_AT) } }),
  expect: becomes({ userId, expiresAtMs: Date.parse(EXPIRES_AT) }),
});

grpcInteraction(contract, {
  ...question,
  description: 'the token of a handshake, which has expired',
  given: 'the token has expired',
  answer: refused('UNAUTHENTICATED', 'token-expired'),
  expect: failsWith('token-expired'),
});

grpcInteraction(contract, {
  ...question,
  description: 'the token of a handshake, which is for another app client',
  given: 'the token is for another app client',
  answer: refused('UNAUTHENTICATED', 'unauthenticated'),
  expect: failsWith('unauthenticated'),
});

grpcInteraction(contract, {
  ...question,
  description: 'the token of a handshake while the keys of its issuer cannot be had',
  given: 'the token is signed with a new key, and the issuer cannot be reached',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...question,
  description: 'the token of a handshake while its issuer is slow, with little time',
  given: 'the token is signed with a new key, and the issuer is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('outcome-unknown'),
});

published(contract);
