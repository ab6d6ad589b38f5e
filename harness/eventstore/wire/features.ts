/** What this server says about itself: its version, the methods that it has, and its address. */
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';

/** The server whose rules we follow. */
export const EVENTSTORE_VERSION = '24.6.0';

/** Features of a method, by the real server's names; only those that we support. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  [StreamsService.read.path]: ['position', 'events'],
  ...Object.fromEntries(
    Object.values(PersistentSubscriptionsService).map(({ path }) => [path, ['stream', 'all']]),
  ),
};

const TICKS_PER_MS = 10_000n;

export function supportedMethods(hasUsers: boolean): featuresPb.SupportedMethods {
  const services = [
    ...[StreamsService, PersistentSubscriptionsService, GossipService, ServerFeaturesService],
    ...(hasUsers ? [UsersService] : []),
  ];
  const paths = services.flatMap((service) => Object.values(service).map(({ path }) => path));
  const methods = paths.map((path) => {
    const [, service = '', method = ''] = path.split('/');
    return new featuresPb.SupportedMethod()
      .setServiceName(service)
      .setMethodName(method)
      .setFeaturesList([...(FEATURES[path] ?? [])]);
  });
  return new featuresPb.SupportedMethods()
    .setMethodsList(methods)
    .setEventStoreServerVersion(EVENTSTORE_VERSION);
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** This process, as it describes itself to clients. */
export interface Node {
  readonly instanceId: string;
  readonly hasUsers: boolean;
}

/** A cluster of one: this node, which leads. Discovering clients connect to the address in it. */
export function toClusterInfo(node: Node, { host, port }: Endpoint): gossipPb.ClusterInfo {
  return new gossipPb.ClusterInfo().setMembersList([
    new gossipPb.MemberInfo()
      .setInstanceId(new sharedPb.UUID().setString(node.instanceId))
      .setTimeStamp(`${BigInt(Date.now()) * TICKS_PER_MS}`)
      .setState(gossipPb.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new gossipPb.EndPoint().setAddress(host).setPort(port)),
  ]);
}
