// Package ops is what operators see: liveness, readiness, metrics, traces.
package ops

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

const (
	checkTimeout       = time.Second
	healthInterval     = 500 * time.Millisecond
	readHeadersTimeout = 5 * time.Second
	flushInterval      = 200 * time.Millisecond
	exportTimeout      = 2 * time.Second
)

// Check is nil while the service should get work. It is asked often: it must be cheap.
type Check func(ctx context.Context) error

// Readiness is every check by its name.
type Readiness map[string]Check

// Ask runs every check and says what each answered.
func (r Readiness) Ask(ctx context.Context) (isReady bool, answers map[string]string) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	isReady, answers = true, map[string]string{}
	for name, check := range r {
		answers[name] = "ok"
		if err := check(ctx); err != nil {
			isReady, answers[name] = false, err.Error()
		}
	}
	return isReady, answers
}

// Serve answers /livez, /readyz and /metrics until the listener is closed.
func Serve(listener net.Listener, readiness Readiness, metrics prometheus.Gatherer) error {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	routes.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		isReady, answers := readiness.Ask(r.Context())
		w.Header().Set("Content-Type", "application/json")
		if !isReady {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(answers)
	})
	routes.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return (&http.Server{Handler: routes, ReadHeaderTimeout: readHeadersTimeout}).Serve(listener)
}

// TellHealth keeps grpc.health.v1 at what the checks say, until the context ends.
func TellHealth(ctx context.Context, server *health.Server, services []string, readiness Readiness) {
	ticks := time.NewTicker(healthInterval)
	defer ticks.Stop()
	for {
		status := grpc_health_v1.HealthCheckResponse_NOT_SERVING
		if isReady, _ := readiness.Ask(ctx); isReady {
			status = grpc_health_v1.HealthCheckResponse_SERVING
		}
		for _, service := range services {
			server.SetServingStatus(service, status)
		}
		select {
		case <-ctx.Done():
			server.Shutdown()
			return
		case <-ticks.C:
		}
	}
}

// StartTracing exports spans by OTLP over HTTP. Context is propagated without a URL, too, so that a
// service without an exporter does not break the trace of those behind it.
func StartTracing(ctx context.Context, service, instance, url string) (shutdown func(context.Context) error, err error) {
	otel.SetTextMapPropagator(propagation.TraceContext{})
	options := []trace.TracerProviderOption{trace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", service), attribute.String("service.instance.id", instance),
	))}
	if url != "" {
		exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(url), otlptracehttp.WithTimeout(exportTimeout))
		if err != nil {
			return nil, err
		}
		options = append(options, trace.WithBatcher(exporter,
			trace.WithBatchTimeout(flushInterval), trace.WithExportTimeout(exportTimeout)))
	}
	provider := trace.NewTracerProvider(options...)
	otel.SetTracerProvider(provider)
	return provider.Shutdown, nil
}
