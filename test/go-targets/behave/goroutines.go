package behave

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const forever = 1000 * time.Hour

// The channels of leaked goroutines are reachable from nowhere else.
//
//go:noinline
func startSendLeaks(count int) {
	for i := 0; i < count; i++ {
		go leakAtSend(make(chan int))
	}
}

//go:noinline
func leakAtSend(channel chan int) { channel <- 1 }

//go:noinline
func startSelectLeaks(count int) {
	for i := 0; i < count; i++ {
		go leakAtSelect(make(chan int), make(chan bool))
	}
}

//go:noinline
func leakAtSelect(one chan int, other chan bool) {
	select {
	case <-one:
	case <-other:
	}
}

// What the goroutines of startBlocked wait for stays reachable: they are blocked, not leaked.
var (
	lock    sync.Mutex
	one     = make(chan int)
	other   = make(chan int)
	group   sync.WaitGroup
	lockees sync.Mutex
	signal  = sync.NewCond(&lockees)
)

//go:noinline
func startBlocked() {
	lock.Lock()
	group.Add(1)
	for i := 0; i < 3; i++ {
		go blockedOnMutex()
		go blockedOnReceive()
		go blockedOnSend()
		go blockedOnSelect()
		go blockedInSleep()
		go blockedOnWaitGroup()
		go blockedOnCond()
	}
}

//go:noinline
func blockedOnMutex() { lock.Lock() }

//go:noinline
func blockedOnReceive() { <-one }

//go:noinline
func blockedOnSend() { other <- 1 }

//go:noinline
func blockedOnSelect() {
	select {
	case <-unused:
	case <-unusedToo:
	}
}

var unused, unusedToo = make(chan int), make(chan int)

//go:noinline
func blockedInSleep() { time.Sleep(forever) }

//go:noinline
func blockedOnWaitGroup() { group.Wait() }

//go:noinline
func blockedOnCond() {
	lockees.Lock()
	signal.Wait()
}

//go:noinline
func startStacks(count int) {
	for i := 0; i < count; i++ {
		go descend(1000)
	}
}

//go:noinline
func descend(depth int) byte {
	var frame [256]byte
	if depth == 0 {
		<-one
		return 0
	}
	frame[depth%len(frame)] = descend(depth - 1)
	return frame[0]
}

//go:noinline
func startThreads(count int) {
	for i := 0; i < count; i++ {
		var pipe [2]int
		if err := syscall.Pipe(pipe[:]); err != nil {
			panic(err)
		}
		go blockedInRead(pipe[0])
	}
}

// Read is told to the scheduler as a system call, not to the network poller.
//
//go:noinline
func blockedInRead(descriptor int) {
	runtime.LockOSThread()
	_, _ = syscall.Read(descriptor, make([]byte, 1))
}

var spun uint64

//go:noinline
func spin() {
	for {
		atomic.AddUint64(&spun, 1)
	}
}
