"""auth in Python: who an access token speaks for. Keeps the contract in proto/sagaproof/auth/v1."""

import os
import re
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import jwt
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

sys.path.insert(0, str(Path(__file__).parent / "build"))
from sagaproof.auth.v1 import auth_pb2, auth_pb2_grpc  # noqa: E402  (made by build.sh)

KEYS_TIMEOUT_S = 1.5
# A new key is asked for with its first token; forged ones may not ask more often than this.
KEYS_COOLDOWN_S = 0.5
CALLS_MAX = 16
TOKEN_LENGTH_MAX = 8_192
DRAIN_S = 5

LISTEN = os.environ["LISTEN"]
ISSUER = os.environ["ISSUER"]
CLIENT_ID = os.environ["CLIENT_ID"]
keys = jwt.PyJWKClient(
    os.environ["JWKS_URL"], timeout=KEYS_TIMEOUT_S, cooldown_duration=KEYS_COOLDOWN_S
)


def principal_of(token):
    if len(token) > TOKEN_LENGTH_MAX:
        raise jwt.InvalidTokenError("the token is too long")
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS256", "ES256"],
        issuer=ISSUER,
        leeway=5,
        options={"require": ["sub", "exp", "iss"], "verify_aud": False},
    )
    ours = claims.get("token_use") == "access" and claims.get("client_id") == CLIENT_ID
    if not ours or not re.fullmatch(r"[\x21-\x7e]{1,128}", str(claims["sub"])):
        raise jwt.InvalidTokenError("the token is not for this system")
    principal = auth_pb2.Principal(user_id=claims["sub"], email=claims.get("email", ""))
    principal.roles.extend(claims.get("cognito:groups", []))
    principal.expires_at.FromSeconds(int(claims["exp"]))
    return principal


def refuse(context, status, code):
    """Callers match on the code in the trailer: contracts/spec/errors/registry.ts has them all."""
    context.set_trailing_metadata((("sagaproof-error-code", code),))
    context.abort(status, code)


class Auth(auth_pb2_grpc.AuthServiceServicer):
    def Authenticate(self, request, context):
        try:
            principal = principal_of(request.access_token)
        except jwt.PyJWKClientConnectionError:
            refuse(context, grpc.StatusCode.UNAVAILABLE, "unavailable")
        except jwt.ExpiredSignatureError:
            refuse(context, grpc.StatusCode.UNAUTHENTICATED, "token-expired")
        except jwt.PyJWTError:
            refuse(context, grpc.StatusCode.UNAUTHENTICATED, "unauthenticated")
        return auth_pb2.AuthenticateResponse(principal=principal)


server = grpc.server(ThreadPoolExecutor(CALLS_MAX))
auth_pb2_grpc.add_AuthServiceServicer_to_server(Auth(), server)
health_of = health.HealthServicer()
health_of.set("", health_pb2.HealthCheckResponse.SERVING)
health_pb2_grpc.add_HealthServicer_to_server(health_of, server)
server.add_insecure_port(LISTEN)
server.start()
print(f"listening on {LISTEN}", flush=True)


def drain(*_):
    health_of.enter_graceful_shutdown()
    server.stop(DRAIN_S)


signal.signal(signal.SIGTERM, drain)
server.wait_for_termination()
