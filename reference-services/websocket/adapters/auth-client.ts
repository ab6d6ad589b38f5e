import { timestampMs } from '@bufbuild/protobuf/wkt';
import { OperationalError } from '#kit/errors.ts';
import { grpcClient } from '#kit/grpc.ts';
import type { ServiceContext } from '#kit/service.ts';
import { AuthService } from '#proto/sagaproof/auth/v1/auth_pb.js';
import type { Authenticator } from '../ports.ts';

/** A handshake waits no longer for auth. */
const AUTH_TIMEOUT_MS = 2_500;

/** Asks the auth service. */
export function authClient(context: ServiceContext, address: string): Authenticator {
  const auth = grpcClient(context, AuthService, address, { deadlineMs: AUTH_TIMEOUT_MS });
  return {
    async authenticate(accessToken) {
      const { principal } = await auth.authenticate({ accessToken });
      if (principal?.userId === undefined || principal.userId === '' || !principal.expiresAt) {
        throw new OperationalError('internal', { detail: 'auth answered without a principal' });
      }
      return { userId: principal.userId, expiresAtMs: timestampMs(principal.expiresAt) };
    },
  };
}
