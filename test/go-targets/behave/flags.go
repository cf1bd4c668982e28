// Package behave gives a program the behaviour its flags ask for. Functions are named for what their goroutines do, and are never
// inlined, so that they can be found again by name.
package behave

import (
	"flag"
	"runtime"
	"runtime/debug"
	"time"

	"example.com/cgopher/go-targets/report"
)

const unset = -1 << 31

// Flags are the behaviours; the zero value of each means none.
type Flags struct {
	heap, garbage, leak, stacks, threads, spin, procs, gcPercent, profileRate int
	memoryLimit                                                               int64
	alloc, blocked                                                            bool
}

// Register adds the flags to the command line.
func Register() *Flags {
	f := &Flags{}
	flag.IntVar(&f.heap, "heap", 0, "MiB of live heap to hold")
	flag.BoolVar(&f.alloc, "alloc", false, "keep allocating, about 20 MiB/s")
	flag.IntVar(&f.garbage, "garbage", 0, "goroutines that make garbage, about 100 MiB/s each")
	flag.IntVar(&f.leak, "leak", 0, "goroutines to leak at a send, and as many at a select")
	flag.BoolVar(&f.blocked, "blocked", false, "3 goroutines blocked for each of 7 reasons")
	flag.IntVar(&f.stacks, "stacks", 0, "goroutines with a stack of 512 KiB")
	flag.IntVar(&f.threads, "threads", 0, "locked threads in a system call that does not return")
	flag.IntVar(&f.spin, "spin", 0, "goroutines that are always busy")
	flag.IntVar(&f.procs, "procs", 0, "call runtime.GOMAXPROCS")
	flag.IntVar(&f.gcPercent, "gcpercent", unset, "call debug.SetGCPercent; -1 is off")
	flag.Int64Var(&f.memoryLimit, "memlimit", 0, "call debug.SetMemoryLimit, bytes (Go 1.19)")
	flag.IntVar(&f.profileRate, "memprofilerate", unset, "set runtime.MemProfileRate")
	return f
}

// Start behaves, and returns when every goroutine has had time to get where it stays.
func (f *Flags) Start(r *report.Reporter) {
	if f.profileRate != unset {
		runtime.MemProfileRate = f.profileRate
	}
	if f.procs > 0 {
		runtime.GOMAXPROCS(f.procs)
	}
	if f.gcPercent != unset {
		debug.SetGCPercent(f.gcPercent)
		r.GCPercent = f.gcPercent
	}
	if f.memoryLimit > 0 {
		setMemoryLimit(f.memoryLimit)
	}
	holdHeap(f.heap)
	startSendLeaks(f.leak)
	startSelectLeaks(f.leak)
	if f.blocked {
		startBlocked()
	}
	startStacks(f.stacks)
	startThreads(f.threads)
	if f.alloc {
		go allocate()
	}
	for i := 0; i < f.garbage; i++ {
		go makeGarbage()
	}
	for i := 0; i < f.spin; i++ {
		go spin()
	}
	time.Sleep(50 * time.Millisecond)
}
