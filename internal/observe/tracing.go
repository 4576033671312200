package observe

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Tracing says where traces go.
type Tracing struct {
	// Endpoint is the collector's base URL, such as http://127.0.0.1:4318; empty means no traces.
	Endpoint string
	// Ratio is the share of traces that begin here and are kept, from 0 to 1. Where a trusted caller has decided, that holds.
	Ratio float64
	// Version and Environment describe the server in every trace.
	Version, Environment string
	// Logger tells when the collector cannot be reached.
	Logger *slog.Logger
}

// SetUp starts to send traces by OTLP over HTTP, or does nothing where there is no endpoint. It sets OpenTelemetry's global
// provider, which instrumented libraries use. The function that it returns sends what is left and stops; call it last at shutdown.
func SetUp(ctx context.Context, t Tracing) (shutdown func(context.Context) error, err error) {
	if t.Endpoint == "" {
		return func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(t.Endpoint+"/v1/traces"), otlptracehttp.WithTimeout(5*time.Second))
	if err != nil {
		return nil, err
	}
	attributes, err := resource.Merge(resource.Default(), resource.NewSchemaless(
		semconv.ServiceName("dongxiao"), semconv.ServiceVersion(t.Version), semconv.DeploymentEnvironmentNameKey.String(t.Environment)))
	if err != nil {
		return nil, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(attributes),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(t.Ratio))))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { t.Logger.Warn("traces are not sent", "error", err) }))
	return provider.Shutdown, nil
}
