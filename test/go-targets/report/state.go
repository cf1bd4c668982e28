// Package report lets a program say what it knows of itself: the truth that reading it from outside is checked against.
package report

import (
	"math"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"time"
)

// State is one instant of the program. Integers that can exceed 2^53 are decimal strings.
type State struct {
	Version      string             `json:"version"`
	Pid          int                `json:"pid"`
	Cgo          bool               `json:"cgo"`
	AtUnixNano   string             `json:"atUnixNano"`
	NumGoroutine int                `json:"numGoroutine"`
	GOMAXPROCS   int                `json:"gomaxprocs"`
	NumCPU       int                `json:"numCpu"`
	GOGC         int                `json:"gogc"`
	GOMEMLIMIT   string             `json:"gomemlimit,omitempty"`
	MemStats     MemStats           `json:"memStats"`
	Metrics      map[string]*Metric `json:"metrics"`
}

// Metric is one sample of runtime/metrics: the field named by Kind is set.
type Metric struct {
	Kind    string        `json:"kind"`
	Value   interface{}   `json:"value,omitempty"`
	Counts  []string      `json:"counts,omitempty"`
	Buckets []interface{} `json:"buckets,omitempty"`
}

// Reporter keeps what a sample needs, so that taking one allocates little. GCPercent is what GOGC is known to be where the runtime
// does not tell (Go to 1.20): reading it by debug.SetGCPercent would change it.
type Reporter struct {
	Cgo       bool
	GCPercent int
	samples   []metrics.Sample
	stats     runtime.MemStats
}

// New finds out which metrics this runtime has.
func New() *Reporter {
	r := &Reporter{GCPercent: gcPercentOf(os.Getenv("GOGC"))}
	for _, description := range metrics.All() {
		r.samples = append(r.samples, metrics.Sample{Name: description.Name})
	}
	return r
}

func gcPercentOf(variable string) int {
	if variable == "off" {
		return -1
	}
	if percent, err := strconv.ParseInt(variable, 10, 32); err == nil {
		return int(percent)
	}
	return 100
}

// State takes the samples first, and makes text of them later.
func (r *Reporter) State() State {
	goroutines, at := runtime.NumGoroutine(), time.Now().UnixNano()
	runtime.ReadMemStats(&r.stats)
	metrics.Read(r.samples)
	state := State{
		Version:      runtime.Version(),
		Pid:          os.Getpid(),
		Cgo:          r.Cgo,
		AtUnixNano:   strconv.FormatInt(at, 10),
		NumGoroutine: goroutines,
		GOMAXPROCS:   runtime.GOMAXPROCS(0),
		NumCPU:       runtime.NumCPU(),
		GOGC:         r.GCPercent,
		GOMEMLIMIT:   memoryLimit(),
		MemStats:     memStatsOf(&r.stats),
		Metrics:      make(map[string]*Metric, len(r.samples)),
	}
	for i := range r.samples {
		state.Metrics[r.samples[i].Name] = metricOf(r.samples[i].Value)
	}
	if gogc, there := state.Metrics["/gc/gogc:percent"]; there {
		// GOGC=off is MaxUint64 here, which no int32 setting can be.
		state.GOGC = -1
		if percent, err := strconv.ParseInt(gogc.Value.(string), 10, 64); err == nil {
			state.GOGC = int(percent)
		}
	}
	return state
}

func metricOf(value metrics.Value) *Metric {
	switch value.Kind() {
	case metrics.KindUint64:
		return &Metric{Kind: "uint64", Value: strconv.FormatUint(value.Uint64(), 10)}
	case metrics.KindFloat64:
		return &Metric{Kind: "float64", Value: number(value.Float64())}
	case metrics.KindFloat64Histogram:
		histogram := value.Float64Histogram()
		metric := &Metric{Kind: "histogram", Counts: decimals(histogram.Counts)}
		for _, bound := range histogram.Buckets {
			metric.Buckets = append(metric.Buckets, number(bound))
		}
		return metric
	}
	return &Metric{Kind: "bad"}
}

// number is what JSON can hold: infinities become the words that JavaScript's Number() understands.
func number(value float64) interface{} {
	switch {
	case math.IsInf(value, 1):
		return "Infinity"
	case math.IsInf(value, -1):
		return "-Infinity"
	case math.IsNaN(value):
		return "NaN"
	}
	return value
}

func decimals(values []uint64) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = strconv.FormatUint(value, 10)
	}
	return texts
}
