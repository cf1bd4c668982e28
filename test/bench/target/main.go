// A Go program with debug handlers and some goroutines. It prints its port; each line on standard input makes it print what it
// has spent and how often it stopped the world. It ends with its input.
package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime/metrics"
	"syscall"
)

const goroutines = 1000

func main() {
	for i := 0; i < goroutines; i++ {
		go func() { select {} }()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go http.Serve(listener, nil)
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var usage syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		micros := (usage.Utime.Sec+usage.Stime.Sec)*1e6 + usage.Utime.Usec + usage.Stime.Usec
		fmt.Printf("{\"cpuUsec\":%d,\"otherPauses\":%d,\"gcPauses\":%d}\n", micros,
			pauses("/sched/pauses/total/other:seconds"), pauses("/sched/pauses/total/gc:seconds"))
	}
}

// pauses counts the entries of a histogram; -1 where this Go has no such metric.
func pauses(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return -1
	}
	total := int64(0)
	for _, count := range sample[0].Value.Float64Histogram().Counts {
		total += int64(count)
	}
	return total
}
