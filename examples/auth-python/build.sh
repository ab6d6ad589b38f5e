#!/bin/sh
# Makes build/: an environment with the pinned packages, and the code of the gRPC contract.
set -eu
cd "$(dirname "$0")"
PROTO=${SAGAPROOF:-../..}/proto
stamp=build/requirements.txt
if ! cmp -s requirements.txt "$stamp"; then
  rm -rf build
  python3 -m venv build
  build/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$stamp"
fi
build/bin/python -m grpc_tools.protoc -I "$PROTO" --python_out build --grpc_python_out build \
  "$PROTO/sagaproof/auth/v1/auth.proto"
