/** Who calls: the headers and the certificate of a call. */
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { Credentials } from '../access/access.ts';
import { AccessError } from '../access/errors.ts';

/** What every kind of gRPC call has. */
export type Call = Pick<
  ServerUnaryCall<unknown, unknown>,
  'metadata' | 'getAuthContext' | 'getPeer'
>;

const BASIC = /^Basic\s+([A-Za-z0-9+/=]+)$/i;

/** The credentials of a gRPC call; gRPC shows a certificate only when our authority signed it. */
export function credentialsOf(call: Call): Credentials {
  const [authorization] = call.metadata.get('authorization');
  const name = call.getAuthContext().sslPeerCertificate?.subject?.CN;
  return {
    basic: authorization === undefined ? undefined : parseBasic(String(authorization)),
    certificateName: name === undefined ? undefined : String(name),
  };
}

/** The name and password of an `Authorization` header; other schemes are refused. */
export function parseBasic(header: string): Credentials['basic'] {
  const encoded = BASIC.exec(header)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon === -1) throw new AccessError('not-authenticated', 'Unauthenticated');
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function connectionNameOf({ metadata }: Call): string {
  return String(metadata.get('connection-name')[0] ?? '');
}
