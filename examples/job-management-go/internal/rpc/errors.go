package rpc

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"sagaproof.example/job-management/internal/job"
	"sagaproof.example/job-management/internal/jobs"
	"sagaproof.example/job-management/internal/store"
)

// errorCodeTrailer carries a code of the error registry (contracts/spec/errors), which callers match on.
const errorCodeTrailer = "sagaproof-error-code"

type invalidRequest string

func (i invalidRequest) Error() string { return string(i) }

type answer struct {
	code    string
	status  codes.Code
	message string
}

// answerTo is what a caller may know of an error: the message of a refusal, and of nothing else.
func answerTo(err error) answer {
	var invalid invalidRequest
	var refusal job.Refusal
	switch {
	case errors.As(err, &invalid):
		return answer{"invalid-request", codes.InvalidArgument, invalid.Error()}
	case errors.As(err, &refusal):
		return answer{string(refusal), codes.FailedPrecondition, refusal.Error()}
	case errors.Is(err, jobs.ErrNotFound):
		return answer{"job-not-found", codes.NotFound, jobs.ErrNotFound.Error()}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return answer{"outcome-unknown", codes.DeadlineExceeded, "no answer came in time"}
	case errors.Is(err, jobs.ErrBusy), store.IsUnavailable(err):
		return answer{"unavailable", codes.Unavailable, "a part that this needs cannot be reached"}
	default:
		return answer{"internal", codes.Internal, "something went wrong here; the trace id finds it"}
	}
}

// answerErrors gives each call its deadline and each error its status and trailer.
func answerErrors(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeoutMax)
	defer cancel()
	response, err := handler(ctx, request)
	if err == nil {
		return response, nil
	}
	if _, answered := status.FromError(err); answered {
		return nil, err
	}
	answer := answerTo(err)
	if ctx.Err() != nil || (answer.code == "unavailable" && isOver(ctx)) {
		answer = answerTo(context.DeadlineExceeded)
	}
	switch answer.code {
	case "internal":
		slog.ErrorContext(ctx, "a call failed", "method", info.FullMethod, "err", err)
	case "unavailable", "outcome-unknown":
		slog.WarnContext(ctx, "a call could not be served", "method", info.FullMethod, "err", err)
	}
	_ = grpc.SetTrailer(ctx, metadata.Pairs(errorCodeTrailer, answer.code))
	return nil, status.Error(answer.status, answer.message)
}

// timerSlack is how far apart timers that are set to the same moment may fire.
const timerSlack = 10 * time.Millisecond

// isOver tells whether a call's time is up. A connection is given the call's deadline as its own, and may notice first.
func isOver(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return limited && time.Until(deadline) < timerSlack
}
