// Package rpc is the job service over gRPC: wire to use case and back, and the one mapping of errors.
package rpc

import (
	"context"
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc/filters"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/types/known/timestamppb"

	jobsv1 "sagaproof.example/job-management/gen/sagaproof/jobs/v1"
	"sagaproof.example/job-management/internal/job"
	"sagaproof.example/job-management/internal/jobs"
	"sagaproof.example/job-management/internal/store"
)

const (
	// callTimeoutMax is the longest that a call may take, whatever deadline its caller sent.
	callTimeoutMax  = 10 * time.Second
	messageBytesMax = 1 << 20
	// callsMax bounds the calls at once on one connection; more wait in the client.
	callsMax = 1_000
	// pingMin lets clients find a dead connection soon; the default ends theirs after three pings.
	pingMin         = time.Second
	pageSizeDefault = 20
	pageSizeMax     = 100
	pageTokenMax    = 200
	userIDMax       = 128
	uuidLength      = 36
)

var (
	keyPattern       = regexp.MustCompile(`^[\x20-\x7e]{1,255}$`)
	hashPattern      = regexp.MustCompile(`^[0-9a-f]{64}$`)
	pageTokenPattern = regexp.MustCompile(`^(\d{1,16}):([0-9a-f-]{36})$`)
)

// NewServer makes a gRPC server with the job service.
func NewServer(useCases *jobs.Service) *grpc.Server {
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(messageBytesMax),
		grpc.MaxSendMsgSize(messageBytesMax),
		grpc.MaxConcurrentStreams(callsMax),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingMin, PermitWithoutStream: true}),
		grpc.StatsHandler(otelgrpc.NewServerHandler(otelgrpc.WithFilter(filters.Not(filters.HealthCheck())))),
		grpc.UnaryInterceptor(answerErrors),
	)
	jobsv1.RegisterJobServiceServer(server, &handler{jobs: useCases})
	return server
}

type handler struct {
	jobsv1.UnimplementedJobServiceServer
	jobs *jobs.Service
}

func (h *handler) IssueJob(ctx context.Context, request *jobsv1.IssueJobRequest) (*jobsv1.IssueJobResponse, error) {
	kind, isKnown := kinds[request.GetKind()]
	err := firstOf(
		validUser(request.GetUserId()),
		invalidUnless(isKnown, "kind must be PLACE_ORDER or CANCEL_ORDER"),
		invalidUnless(keyPattern.MatchString(request.GetIdempotencyKey()), "idempotency_key must be 1 to 255 printable characters"),
		invalidUnless(hashPattern.MatchString(request.GetRequestHash()), "request_hash must be a SHA-256 in hex"),
		validUUID("order_id", request.GetOrderId()),
	)
	if err != nil {
		return nil, err
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	found, replayed, err := h.jobs.Issue(ctx, job.Issue{
		UserID: request.GetUserId(), Kind: kind, IdempotencyKey: request.GetIdempotencyKey(),
		RequestHash: request.GetRequestHash(), OrderID: request.GetOrderId(),
		Moment: job.Moment{Traceparent: carrier["traceparent"]},
	})
	if err != nil {
		return nil, err
	}
	return &jobsv1.IssueJobResponse{Job: toWire(found), Replayed: replayed}, nil
}

func (h *handler) GetJob(ctx context.Context, request *jobsv1.GetJobRequest) (*jobsv1.GetJobResponse, error) {
	if err := firstOf(validUser(request.GetUserId()), validUUID("job_id", request.GetJobId())); err != nil {
		return nil, err
	}
	found, err := h.jobs.Get(ctx, request.GetJobId(), request.GetUserId())
	if err != nil {
		return nil, err
	}
	return &jobsv1.GetJobResponse{Job: toWire(found)}, nil
}

func (h *handler) ListJobs(ctx context.Context, request *jobsv1.ListJobsRequest) (*jobsv1.ListJobsResponse, error) {
	size := int(request.GetPageSize())
	after, isToken := readPageToken(request.GetPageToken())
	err := firstOf(
		validUser(request.GetUserId()),
		invalidUnless(size >= 0 && size <= pageSizeMax, "page_size must be 0 to 100"),
		invalidUnless(isToken, "page_token is not one of ours"),
	)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		size = pageSizeDefault
	}
	found, next, err := h.jobs.List(ctx, request.GetUserId(), size, after)
	if err != nil {
		return nil, err
	}
	response := &jobsv1.ListJobsResponse{}
	for _, listed := range found {
		response.Jobs = append(response.Jobs, toWire(listed))
	}
	if next != nil {
		token := fmt.Sprintf("%d:%s", next.IssuedAtMs, next.JobID)
		response.NextPageToken = base64.RawURLEncoding.EncodeToString([]byte(token))
	}
	return response, nil
}

func (h *handler) CancelIssue(ctx context.Context, request *jobsv1.CancelIssueRequest) (*jobsv1.CancelIssueResponse, error) {
	if err := firstOf(validUser(request.GetUserId()), validUUID("job_id", request.GetJobId())); err != nil {
		return nil, err
	}
	cancelled, err := h.jobs.Cancel(ctx, request.GetJobId(), request.GetUserId())
	if err != nil {
		return nil, err
	}
	return &jobsv1.CancelIssueResponse{Cancelled: cancelled}, nil
}

func readPageToken(token string) (*store.Position, bool) {
	if token == "" {
		return nil, true
	}
	if len(token) > pageTokenMax {
		return nil, false
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	parts := pageTokenPattern.FindStringSubmatch(string(text))
	if err != nil || parts == nil {
		return nil, false
	}
	issuedAtMs, err := strconv.ParseInt(parts[1], 10, 64)
	return &store.Position{IssuedAtMs: issuedAtMs, JobID: parts[2]}, err == nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func invalidUnless(isValid bool, message string) error {
	if isValid {
		return nil
	}
	return invalidRequest(message)
}

func validUser(userID string) error {
	length := utf8.RuneCountInString(userID)
	return invalidUnless(length >= 1 && length <= userIDMax, "user_id must be 1 to 128 characters")
}

func validUUID(name, text string) error {
	_, err := uuid.Parse(text)
	return invalidUnless(err == nil && len(text) == uuidLength, name+" must be a UUID")
}

var (
	kinds = map[jobsv1.JobKind]job.Kind{
		jobsv1.JobKind_JOB_KIND_PLACE_ORDER:  job.PlaceOrder,
		jobsv1.JobKind_JOB_KIND_CANCEL_ORDER: job.CancelOrder,
	}
	wireKinds = map[job.Kind]jobsv1.JobKind{
		job.PlaceOrder:  jobsv1.JobKind_JOB_KIND_PLACE_ORDER,
		job.CancelOrder: jobsv1.JobKind_JOB_KIND_CANCEL_ORDER,
	}
	wireStates = map[job.State]jobsv1.JobState{
		job.Issued:       jobsv1.JobState_JOB_STATE_ISSUED,
		job.Running:      jobsv1.JobState_JOB_STATE_RUNNING,
		job.Compensating: jobsv1.JobState_JOB_STATE_COMPENSATING,
		job.Succeeded:    jobsv1.JobState_JOB_STATE_SUCCEEDED,
		job.Failed:       jobsv1.JobState_JOB_STATE_FAILED,
	}
)

func toWire(listed store.Listed) *jobsv1.Job {
	record := listed.Record
	return &jobsv1.Job{
		JobId:     record.JobID,
		UserId:    record.UserID,
		Kind:      wireKinds[record.Kind],
		State:     wireStates[record.State],
		OrderId:   record.OrderID,
		Sequence:  record.Sequence,
		Reason:    record.Reason,
		Step:      record.Step,
		IssuedAt:  timestamppb.New(time.UnixMilli(record.IssuedAtMs)),
		UpdatedAt: timestamppb.New(time.UnixMilli(record.UpdatedAtMs)),
		ExpiresAt: timestamppb.New(listed.ExpiresAt),
	}
}
