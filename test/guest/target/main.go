// Command target is a Go program with known behaviour for the agent to look at. It has no dependencies and builds with
// Go 1.19 and later: go.mod says go 1.21, and aware.mod says go 1.25, which is what makes the runtime of Go >= 1.25 follow
// the CPU limit of its cgroup. GOMAXPROCS, GOGC and GOMEMLIMIT come from the environment, as they do in a pod.
package main

import (
	_ "expvar"
	"flag"
	"fmt"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"time"
)

const mib = 1 << 20

// held and garbage are package variables, so that the compiler cannot prove an allocation unused.
var (
	held    [][]byte
	garbage []byte
)

// touched returns size bytes that are really in memory: every page is written.
func touched(size int) []byte {
	block := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	return block
}

// hold makes `total` MiB of live heap and then collects, so that the runtime knows what lives and has set its next goal.
func hold(total int) {
	for i := 0; i < total; i++ {
		held = append(held, touched(mib))
	}
	runtime.GC()
}

// churn allocates garbage at a steady rate, in pieces of 64 KiB.
func churn(mibPerSecond int) {
	for range time.Tick(50 * time.Millisecond) {
		for done := 0; done < mibPerSecond*mib/20; done += 64 << 10 {
			garbage = touched(64 << 10)
		}
	}
}

// grow holds more and more until the kernel ends it.
func grow(mibPerSecond int) {
	for range time.Tick(time.Second / time.Duration(mibPerSecond)) {
		held = append(held, touched(mib))
	}
}

// spin is busy for `busy` out of every `every`; all spinners wake at the same moments. every = 0: never stops.
func spin(busy, every time.Duration) {
	for {
		if every > 0 {
			time.Sleep(time.Until(time.Now().Truncate(every).Add(every)))
		}
		for end := time.Now().Add(busy); every == 0 || time.Now().Before(end); {
			for i := 0; i < 1000; i++ {
			}
		}
	}
}

func park(forever <-chan struct{}) { <-forever }

func main() {
	listen := flag.String("listen", "", "address to serve /metrics, /debug/pprof/ and /debug/vars on; empty serves nothing")
	plain := flag.Bool("plain", false, "serve no /metrics (pprof and expvar stay)")
	heap := flag.Int("heap", 0, "MiB of heap to keep alive")
	alloc := flag.Int("alloc", 0, "MiB of garbage a second")
	toOom := flag.Int("grow-to-oom", 0, "MiB a second to hold until killed; with -listen, from the first request of /grow on")
	parked := flag.Int("goroutines", 0, "goroutines that wait for ever")
	leak := flag.Int("leak", 0, "goroutines a second that start and never end")
	spinners := flag.Int("spin", 0, "goroutines that use the CPU")
	busy := flag.Duration("busy", 0, "how long each spinner works, out of every -every")
	every := flag.Duration("every", 0, "period of the spinners; 0 spins without rest")
	flag.Parse()

	hold(*heap)
	misbehave()
	forever := make(chan struct{})
	for i := 0; i < *parked; i++ {
		go park(forever)
	}
	for i := 0; i < *spinners; i++ {
		go spin(*busy, *every)
	}
	if *alloc > 0 {
		go churn(*alloc)
	}
	if *toOom > 0 && *listen == "" {
		go grow(*toOom)
	}
	if *leak > 0 {
		go func() {
			for range time.Tick(time.Second / time.Duration(*leak)) {
				go park(forever)
			}
		}()
	}
	fmt.Printf("target %s pid %d: GOMAXPROCS %d of %d CPUs\n", runtime.Version(), os.Getpid(), runtime.GOMAXPROCS(0), runtime.NumCPU())
	if *listen == "" {
		// Not `select {}`: without another goroutine the runtime would call that a deadlock.
		time.Sleep(1 << 62)
	}
	if *toOom > 0 {
		http.HandleFunc("/grow", func(http.ResponseWriter, *http.Request) { go grow(*toOom) })
	}
	if !*plain {
		http.HandleFunc("/metrics", serveMetrics)
	}
	fmt.Fprintln(os.Stderr, http.ListenAndServe(*listen, nil))
	os.Exit(1)
}
