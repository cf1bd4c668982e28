package main

import (
	"bufio"
	"fmt"
	"math"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

var startedAt = time.Now()

// defaults are the runtime/metrics that client_golang's Go collector exports when nothing is configured (v1.20 and later);
// GET /metrics?all=1 gives every one the runtime has.
var defaults = map[string]bool{"/gc/gogc:percent": true, "/gc/gomemlimit:bytes": true, "/sched/gomaxprocs:threads": true}

// promName turns "/gc/heap/live:bytes" into "go_gc_heap_live_bytes", by client_golang's rule.
func promName(d metrics.Description) string {
	name, unit, _ := strings.Cut(d.Name, ":")
	full := strings.NewReplacer("/", "_", "-", "_", "*", "_").Replace("go" + name + "_" + unit)
	if d.Cumulative && d.Kind != metrics.KindFloat64Histogram {
		full += "_total"
	}
	return full
}

func serveMetrics(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	out := bufio.NewWriter(w)
	defer out.Flush()
	put := func(name, kind, labels string, value float64) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s%s %s\n", name, name, name, kind, name, labels, number(value))
	}
	gauge := func(name string, value float64) { put(name, "gauge", "", value) }

	threads, _ := runtime.ThreadCreateProfile(nil)
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		// One of them is the directory itself.
		gauge("process_open_fds", float64(len(fds)-1))
	}
	gauge("go_goroutines", float64(runtime.NumGoroutine()))
	gauge("go_threads", float64(threads))
	put("go_info", "gauge", `{version="`+runtime.Version()+`"}`, 1)

	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Fprintf(out, "# HELP go_gc_duration_seconds go_gc_duration_seconds\n# TYPE go_gc_duration_seconds summary\n"+
		"go_gc_duration_seconds_sum %s\ngo_gc_duration_seconds_count %d\n", number(float64(m.PauseTotalNs)/1e9), m.NumGC)
	put("go_memstats_alloc_bytes_total", "counter", "", float64(m.TotalAlloc))
	put("go_memstats_mallocs_total", "counter", "", float64(m.Mallocs))
	put("go_memstats_frees_total", "counter", "", float64(m.Frees))
	for name, value := range map[string]uint64{
		"alloc": m.Alloc, "sys": m.Sys, "heap_alloc": m.HeapAlloc, "heap_sys": m.HeapSys, "heap_idle": m.HeapIdle,
		"heap_inuse": m.HeapInuse, "heap_released": m.HeapReleased, "stack_inuse": m.StackInuse, "stack_sys": m.StackSys,
		"mspan_inuse": m.MSpanInuse, "mspan_sys": m.MSpanSys, "mcache_inuse": m.MCacheInuse, "mcache_sys": m.MCacheSys,
		"buck_hash_sys": m.BuckHashSys, "gc_sys": m.GCSys, "other_sys": m.OtherSys, "next_gc": m.NextGC,
	} {
		gauge("go_memstats_"+name+"_bytes", float64(value))
	}
	gauge("go_memstats_heap_objects", float64(m.HeapObjects))
	gauge("go_memstats_last_gc_time_seconds", float64(m.LastGC)/1e9)
	gauge("process_start_time_seconds", float64(startedAt.UnixMilli())/1e3)
	gauge("process_resident_memory_bytes", float64(residentBytes()))

	all := r.URL.Query().Get("all") != ""
	for _, d := range metrics.All() {
		if all || defaults[d.Name] {
			sample := []metrics.Sample{{Name: d.Name}}
			metrics.Read(sample)
			putSample(out, d, sample[0].Value, put)
		}
	}
}

func putSample(out *bufio.Writer, d metrics.Description, v metrics.Value, put func(name, kind, labels string, value float64)) {
	name, kind := promName(d), "gauge"
	if d.Cumulative {
		kind = "counter"
	}
	switch v.Kind() {
	case metrics.KindUint64:
		put(name, kind, "", float64(v.Uint64()))
	case metrics.KindFloat64:
		put(name, kind, "", v.Float64())
	case metrics.KindFloat64Histogram:
		// The runtime's bucket i lies between bounds i and i+1; Prometheus wants counts up to the upper bound.
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s histogram\n", name, name, name)
		h, total := v.Float64Histogram(), uint64(0)
		for i, count := range h.Counts {
			total += count
			if upper := h.Buckets[i+1]; count > 0 && !math.IsInf(upper, 1) {
				fmt.Fprintf(out, "%s_bucket{le=\"%s\"} %d\n", name, number(upper), total)
			}
		}
		fmt.Fprintf(out, "%s_bucket{le=\"+Inf\"} %d\n%s_count %d\n", name, total, name, total)
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func residentBytes() int {
	text, _ := os.ReadFile("/proc/self/statm")
	fields := append(strings.Fields(string(text)), "0", "0")
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize()
}
