package hook

import (
	"context"
	"database/sql"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the numbers this process gives to those who watch. Requests are
// told apart by route pattern, never by path: a path may hold a token.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

// NewMetrics starts counting, in a registry of its own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kintsugi_http_requests_total", Help: "Requests answered, by route pattern, method and class of status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kintsugi_http_request_seconds", Help: "Time from the first byte of a request's head to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 12.5},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kintsugi_http_in_flight", Help: "Requests being answered now.",
		}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Began counts a request in; what it returns counts it out.
func (m *Metrics) Began() (ended func(route, method string, status int, took time.Duration)) {
	m.inFlight.Inc()
	return func(route, method string, status int, took time.Duration) {
		m.inFlight.Dec()
		m.requests.WithLabelValues(route, method, strconv.Itoa(status/100)+"xx").Inc()
		m.seconds.WithLabelValues(route).Observe(took.Seconds())
	}
}

// Pool shows how a pool of database connections is used.
func (m *Metrics) Pool(stats func() sql.DBStats) {
	gauge := func(name, help string, value func(sql.DBStats) float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "kintsugi_db_" + name, Help: help},
			func() float64 { return value(stats()) }))
	}
	gauge("connections_open", "Connections to the database, used and idle.", func(s sql.DBStats) float64 { return float64(s.OpenConnections) })
	gauge("connections_in_use", "Connections to the database at work now.", func(s sql.DBStats) float64 { return float64(s.InUse) })
	gauge("waits", "How often somebody waited for a connection so far.", func(s sql.DBStats) float64 { return float64(s.WaitCount) })
	gauge("wait_seconds", "How long all of them waited together.", func(s sql.DBStats) float64 { return s.WaitDuration.Seconds() })
}

// Count is a number that lies in the database, told apart by one label: jobs
// by state, letters by state.
type Count struct {
	Name  string // "jobs" becomes kintsugi_jobs
	Help  string
	Label string // "state"
	Read  func(ctx context.Context) (map[string]float64, error)
}

// countPatience bounds how long a scrape waits for the database.
const countPatience = 2 * time.Second

// Add shows a count. It is read anew at each scrape; while it cannot be read
// it is missing, and the other numbers are still told.
func (m *Metrics) Add(c Count) {
	m.registry.MustRegister(&counted{Count: c, desc: prometheus.NewDesc("kintsugi_"+c.Name, c.Help, []string{c.Label}, nil)})
}

// counted is a Count as Prometheus wants it.
type counted struct {
	Count
	desc *prometheus.Desc
}

// Describe says what is collected.
func (c *counted) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

// Collect reads the count and tells it.
func (c *counted) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countPatience)
	defer cancel()
	values, err := c.Read(ctx)
	if err != nil {
		return // missing numbers are what a watcher looks for; the cause is in the log of whoever failed
	}
	for label, value := range values {
		out <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, value, label)
	}
}

// Handler answers with all numbers.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}
