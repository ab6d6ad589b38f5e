// Command job-management issues JobIDs, folds saga and domain events into job state, and publishes
// job.updates: Sagaproof's job-management once more, in Go.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"github.com/twmb/franz-go/pkg/sr"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	jobsv1 "sagaproof.example/job-management/gen/sagaproof/jobs/v1"
	"sagaproof.example/job-management/internal/jobs"
	"sagaproof.example/job-management/internal/ops"
	"sagaproof.example/job-management/internal/rpc"
	"sagaproof.example/job-management/internal/store"
	"sagaproof.example/job-management/internal/wire"
)

//go:generate buf generate ../../proto --template buf.gen.yaml --path ../../proto/sagaproof/jobs

type config struct {
	Instance    string        `env:"INSTANCE,required"`
	GRPCListen  string        `env:"GRPC_LISTEN,required"`
	AdminListen string        `env:"ADMIN_LISTEN,required"`
	Redis       string        `env:"REDIS,required"`
	Brokers     []string      `env:"KAFKA_BROKERS,required"`
	Registry    string        `env:"SCHEMA_REGISTRY,required"`
	OTLP        string        `env:"OTLP"`
	IssuedTTL   time.Duration `env:"ISSUED_TTL" envDefault:"30s"`
	TTL         time.Duration `env:"JOB_TTL" envDefault:"1h"`
}

const (
	redisDialTimeout = time.Second
	redisTimeout     = 2 * time.Second
	// sweepInterval is how late the end of a job may be noticed.
	sweepInterval = 500 * time.Millisecond
	sweepTimeout  = 20 * time.Second
	// callsEndTimeout is how long calls under way may still take when the service drains.
	callsEndTimeout = 4 * time.Second
	flushTimeout    = 2 * time.Second
	// drainTimeout ends a drain that hangs; the harness kills after 15 s.
	drainTimeout = 12 * time.Second
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, func() {
		slog.Info("draining")
		time.AfterFunc(drainTimeout, func() { fail(errors.New("the drain took too long")) })
	})
	var settings config
	if err := env.Parse(&settings); err != nil {
		fail(err)
	}
	if err := run(ctx, settings); err != nil && ctx.Err() == nil {
		fail(err)
	}
	slog.Info("drained")
}

func fail(err error) {
	slog.Error("job-management ends", "err", err)
	os.Exit(1)
}

func run(ctx context.Context, settings config) error {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	flush, err := ops.StartTracing(ctx, "job-management", settings.Instance, settings.OTLP)
	if err != nil {
		return err
	}
	defer shutDown(flush)
	adminListener, err := net.Listen("tcp", settings.AdminListen)
	if err != nil {
		return err
	}
	grpcListener, err := net.Listen("tcp", settings.GRPCListen)
	if err != nil {
		return err
	}
	client := redis.NewClient(&redis.Options{
		Addr: settings.Redis, ClientName: settings.Instance, ContextTimeoutEnabled: true,
		DialTimeout: redisDialTimeout, ReadTimeout: redisTimeout, WriteTimeout: redisTimeout,
	})
	defer client.Close()
	codec, err := awaitCodec(ctx, settings.Registry)
	if err != nil {
		return err
	}
	producer, err := wire.NewProducer(settings.Brokers, settings.Instance, codec)
	if err != nil {
		return err
	}
	defer producer.Close()
	useCases := jobs.New(jobs.Parts{
		Store: store.New(client), Publisher: producer, History: producer,
		IssuedTTL: settings.IssuedTTL, TTL: settings.TTL,
	})
	consumer, err := wire.NewConsumer(settings.Brokers, settings.Instance, codec, producer, useCases.Fold, metrics)
	if err != nil {
		return err
	}
	return serve(ctx, parts{useCases, consumer, metrics, adminListener, grpcListener})
}

type parts struct {
	useCases            *jobs.Service
	consumer            *wire.Consumer
	metrics             *prometheus.Registry
	admin, grpcListener net.Listener
}

// serve runs everything until the context ends, then lets what is under way finish.
func serve(ctx context.Context, p parts) error {
	var draining atomic.Bool
	readiness := ops.Readiness{
		"service": func(context.Context) error {
			if draining.Load() {
				return errors.New("is draining")
			}
			return nil
		},
		"redis": p.useCases.Store.Ping,
		"kafka": func(context.Context) error { return p.consumer.Check() },
	}
	server := rpc.NewServer(p.useCases)
	healthServer := health.NewServer()
	grpc_health_v1.RegisterHealthServer(server, healthServer)
	failed := make(chan error, 2)
	go func() { failed <- ops.Serve(p.admin, readiness, p.metrics) }()
	go func() { failed <- server.Serve(p.grpcListener) }()
	var running sync.WaitGroup
	running.Go(func() { p.consumer.Run(ctx) })
	running.Go(func() { sweep(ctx, p.useCases) })
	running.Go(func() {
		ops.TellHealth(ctx, healthServer, []string{"", jobsv1.JobService_ServiceDesc.ServiceName}, readiness)
	})
	slog.Info("serving", "grpc", p.grpcListener.Addr().String(), "admin", p.admin.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	draining.Store(true)
	endCalls(server)
	running.Wait()
	return nil
}

func endCalls(server *grpc.Server) {
	force := time.AfterFunc(callsEndTimeout, server.Stop)
	defer force.Stop()
	server.GracefulStop()
}

// sweep restores what was lost, reports ends of jobs, and publishes what waits, from the start on.
func sweep(ctx context.Context, useCases *jobs.Service) {
	ticks := time.NewTicker(sweepInterval)
	defer ticks.Stop()
	for ctx.Err() == nil {
		limited, cancel := context.WithTimeout(ctx, sweepTimeout)
		if err := useCases.Sweep(limited); err != nil && ctx.Err() == nil {
			slog.Warn("a sweep did not finish; the next one goes on", "err", err)
		}
		cancel()
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
	}
}

// awaitCodec waits for the registry: nothing can be read or written without it.
func awaitCodec(ctx context.Context, url string) (*wire.Codec, error) {
	registry, err := sr.NewClient(sr.URLs(url))
	if err != nil {
		return nil, err
	}
	attempt := func() (*wire.Codec, error) { return wire.NewCodec(ctx, registry) }
	onRetry := func(err error, _ time.Duration) { slog.Warn("the schema registry is unavailable", "err", err) }
	codec, err := backoff.Retry(ctx, attempt, backoff.WithNotify(onRetry), backoff.WithMaxElapsedTime(0),
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: 100 * time.Millisecond, Multiplier: 2, MaxInterval: time.Second,
		}))
	if err != nil {
		return nil, fmt.Errorf("the schema registry at %s: %w", url, err)
	}
	return codec, nil
}

func shutDown(flush func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := flush(ctx); err != nil {
		slog.Warn("the last spans were not exported", "err", err)
	}
}
