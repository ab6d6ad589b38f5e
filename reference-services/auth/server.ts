import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Handlers, type Implementation, implement } from '#kit/grpc.ts';
import { AuthService as AuthServiceDescriptor } from '#proto/sagaproof/auth/v1/auth_pb.js';
import type { AuthService } from './app.ts';

/** AuthService over gRPC. */
export function authServer(auth: AuthService): Implementation {
  const handlers: Handlers<typeof AuthServiceDescriptor> = {
    async authenticate({ accessToken }) {
      const { userId, roles, expiresAtMs, email } = await auth.authenticate(accessToken);
      const expiresAt = timestampFromMs(expiresAtMs);
      return { principal: { userId, roles: [...roles], expiresAt, email } };
    },
  };
  // A token that is no text is a bad token: `unauthenticated`, as any other.
  return implement(AuthServiceDescriptor, handlers, { takesAnyText: true });
}
