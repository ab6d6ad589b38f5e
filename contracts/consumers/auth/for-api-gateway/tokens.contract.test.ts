import { contractBetween, published } from '#harness/contracts/consumer/contract.ts';
import { answered, grpcInteraction, refused } from '#harness/contracts/consumer/grpc.ts';
import { FICTION } from '#harness/contracts/fiction.ts';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import { gatewayCalling } from '../../api-gateway.testkit.ts';
import { becomes, failsWith } from '../../outcomes.testkit.ts';

const { accessToken, email, userId } = FICTION;

const contract = contractBetween({ consumer: 'api-gateway', provider: 'auth' });

const question = {
  method: AuthService.method.authenticate,
  request: { accessToken },
  consume: gatewayCalling('auth', ({ authenticator }) => authenticator.authenticate(accessToken)),
};

grpcInteraction(contract, {
  ...question,
  description: 'a token with roles and an e-mail address',
  given: 'the token is good, and has the groups customers and operators and an e-mail address',
  answer: answered({ principal: { userId, roles: ['customers', 'operators'], email } }),
  expect: becomes({ userId, roles: ['customers', 'operators'], email }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a token with neither roles nor an e-mail address',
  given: 'the token is good, and has neither groups nor an e-mail address',
  answer: answered({ principal: { userId, roles: [], email: '' } }),
  expect: becomes({ userId, roles: [], email: '' }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a token that is signed with the new key of its issuer',
  given: 'the issuer has a new key, and the token is signed with it',
  answer: answered({ principal: { userId } }),
  expect: becomes({ userId }),
});

grpcInteraction(contract, {
  ...question,
  description: 'a token that has expired',
  given: 'the token has expired',
  answer: refused('UNAUTHENTICATED', 'token-expired'),
  expect: failsWith('token-expired'),
});

const UNACCEPTABLE = {
  'a token that is none': 'the token is no token at all',
  'a token of another issuer': 'the token is of another issuer',
  'a token that is signed with a key that its issuer does not publish':
    'the token is signed with a key that its issuer does not publish',
  'a token for another app client': 'the token is for another app client',
  'an id token': 'the token is an id token',
};

for (const [description, given] of Object.entries(UNACCEPTABLE)) {
  grpcInteraction(contract, {
    ...question,
    description,
    given,
    answer: refused('UNAUTHENTICATED', 'unauthenticated'),
    expect: failsWith('unauthenticated'),
  });
}

grpcInteraction(contract, {
  ...question,
  description: 'a token while the keys of its issuer cannot be had',
  given: 'the token is signed with a new key, and the issuer cannot be reached',
  answer: refused('UNAVAILABLE', 'unavailable'),
  expect: failsWith('unavailable'),
});

grpcInteraction(contract, {
  ...question,
  description: 'a token while its issuer is slow, with little time',
  given: 'the token is signed with a new key, and the issuer is slow',
  deadlineMs: 250,
  answer: refused('DEADLINE_EXCEEDED'),
  expect: failsWith('unavailable'),
});

published(contract);
