/** User management, between protobuf and the directory; what only administrators may is checked. */
import type { UsersService } from '@eventstore/db-client/generated/users_grpc_pb.js';
import usersPb from '@eventstore/db-client/generated/users_pb.js';
import type { Session } from '../access/access.ts';
import { AccessError } from '../access/errors.ts';
import type { NewUser, UserDetails, UserDirectory } from '../access/users.ts';
import { invalidArgument } from './errors.ts';

type UsersCall = Exclude<keyof typeof UsersService, 'details'>;

/** The unary calls of the service. */
export function createUserCalls(users: UserDirectory) {
  return {
    create: async (session: Session, request: usersPb.CreateReq) => {
      requireAdmin(session);
      await users.create(fromOptions(request.getOptions()));
      return new usersPb.CreateResp();
    },
    update: async (session: Session, request: usersPb.UpdateReq) => {
      requireAdmin(session);
      await users.update(fromOptions(request.getOptions()));
      return new usersPb.UpdateResp();
    },
    delete: async (session: Session, request: usersPb.DeleteReq) => {
      requireAdmin(session);
      await users.delete(loginName(request.getOptions()));
      return new usersPb.DeleteResp();
    },
    disable: async (session: Session, request: usersPb.DisableReq) => {
      requireAdmin(session);
      await users.setDisabled(loginName(request.getOptions()), true);
      return new usersPb.DisableResp();
    },
    enable: async (session: Session, request: usersPb.EnableReq) => {
      requireAdmin(session);
      await users.setDisabled(loginName(request.getOptions()), false);
      return new usersPb.EnableResp();
    },
    /** Users change their own password; administrators reset anybody's. */
    changePassword: async (session: Session, request: usersPb.ChangePasswordReq) => {
      const options = request.getOptions();
      const name = loginName(options);
      const user = await users.verify(name, options?.getCurrentPassword() ?? '');
      if (user === undefined || session.user.name !== name) {
        throw new AccessError('denied', 'Access Denied');
      }
      await users.setPassword(name, options?.getNewPassword() ?? '');
      return new usersPb.ChangePasswordResp();
    },
    resetPassword: async (session: Session, request: usersPb.ResetPasswordReq) => {
      requireAdmin(session);
      const options = request.getOptions();
      await users.setPassword(loginName(options), options?.getNewPassword() ?? '');
      return new usersPb.ResetPasswordResp();
    },
  } satisfies Record<UsersCall, unknown>;
}

/** The answers of Details: one message per user. */
export async function userDetails(
  users: UserDirectory,
  session: Session,
  request: usersPb.DetailsReq,
): Promise<usersPb.DetailsResp[]> {
  const name = request.getOptions()?.getLoginName() ?? '';
  if (!session.isAuthenticated || name !== session.user.name) requireAdmin(session);
  return (await users.details(name)).map(toDetails);
}

export function requireAdmin(session: Session): void {
  if (!session.isAdmin) throw new AccessError('denied', 'Access Denied');
}

function loginName(options: { getLoginName(): string } | undefined): string {
  const name = options?.getLoginName() ?? '';
  if (name === '') throw invalidArgument('The login name is missing.');
  return name;
}

function fromOptions(
  options: usersPb.CreateReq.Options | usersPb.UpdateReq.Options | undefined,
): NewUser {
  return {
    loginName: loginName(options),
    fullName: options?.getFullName() ?? '',
    groups: options?.getGroupsList() ?? [],
    password: options?.getPassword() ?? '',
  };
}

function toDetails(details: UserDetails): usersPb.DetailsResp {
  const { UserDetails } = usersPb.DetailsResp;
  return new usersPb.DetailsResp().setUserDetails(
    new UserDetails()
      .setLoginName(details.loginName)
      .setFullName(details.fullName)
      .setGroupsList([...details.groups])
      .setDisabled(details.isDisabled)
      .setLastUpdated(new UserDetails.DateTime().setTicksSinceEpoch(`${details.updatedTicks}`)),
  );
}
