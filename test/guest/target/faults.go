package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

// What the fault zoo needs besides: see test/zoo/cases.mjs for who uses what.
var (
	small        = flag.Int("small", 0, "MiB of small objects to keep alive")
	allocSmall   = flag.Int("alloc-small", 0, "MiB of small garbage a second")
	hungry       = flag.Int("hungry", 0, "goroutines that allocate without rest")
	after        = flag.Duration("after", 0, "wait so long before -grow, -spike and -leak-a-minute begin")
	growth       = flag.Int("grow", 0, "MiB a second to hold until killed")
	spike        = flag.Int("spike", 0, "MiB to allocate and let go")
	sparse       = flag.Int("sparse", 0, "MiB to allocate in small pieces, of which every sixteenth is kept")
	outside      = flag.Int("mmap", 0, "MiB outside of the Go heap")
	deepParked   = flag.Int("deep", 0, "goroutines that wait for ever with a stack of -stack")
	stack        = flag.Int("stack", 16, "KiB of stack for each of -deep")
	leaksAMinute = flag.Int("leak-a-minute", 0, "goroutines a minute that start and wait for a reader that never comes")
	needs        = flag.String("needs", "", "address of a neighbour; each request it does not take leaves a goroutine")
	threads      = flag.Int("threads", 0, "threads in a blocking call")
	openFiles    = flag.Int("files", 0, "files to hold open")
	contenders   = flag.Int("contend", 0, "goroutines that wait for one mutex; switches the block profile on")
	disk         = flag.String("write", "", "file to write to without rest")
	diskRate     = flag.Int("write-rate", 0, "MiB a second at most; 0 without bound")
	setGCPercent = flag.Int("set-gc-percent", 0, "call debug.SetGCPercent; 0 does not")

	tree   *node
	litter *node
	mapped []byte
	files  []*os.File
)

// node is what a collector has work with: 32 bytes, three of the four words are pointers.
type node struct {
	left, right, next *node
	value             int
}

// grove makes a live heap of small objects that point at each other.
func grove(total int) {
	for i := 0; i < total*mib/32; i++ {
		tree = &node{left: tree, value: i}
	}
}

// churnSmall allocates small garbage at a steady rate.
func churnSmall(mibPerSecond int) {
	const parts = 20
	for range time.Tick(time.Second / parts) {
		for i := 0; i < mibPerSecond*mib/32/parts; i++ {
			litter = &node{next: tree}
		}
	}
}

// hunger allocates without rest.
func hunger() {
	for i := 0; ; i++ {
		litter = &node{next: tree, value: i}
	}
}

// deep parks with a stack of about `kib`.
func deep(kib int, forever <-chan struct{}) int {
	var frame [1024]byte
	if kib == 0 {
		<-forever
		return int(frame[0])
	}
	return deep(kib-1, forever) + int(frame[kib%1024])
}

// answer waits for a reader that never comes: a goroutine leak as it is usually written.
func answer(to chan<- int) { to <- 1 }

func leakSlowly(perMinute int) {
	for range time.Tick(time.Minute / time.Duration(perMinute)) {
		go answer(make(chan int))
	}
}

// depend asks a neighbour and starts a goroutine for each answer that does not come.
func depend(address string) {
	for range time.Tick(20 * time.Millisecond) {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			go answer(make(chan int))
			continue
		}
		connection.Close()
	}
}

// holdThreads holds system threads in a blocking call.
func holdThreads(count int) {
	for i := 0; i < count; i++ {
		go func() {
			runtime.LockOSThread()
			var pair [2]int
			if syscall.Pipe(pair[:]) == nil {
				syscall.Read(pair[0], make([]byte, 1))
			}
		}()
	}
}

// contend makes goroutines wait for one mutex that is held for long.
func contend(count int, hold time.Duration) {
	var mutex sync.Mutex
	for i := 0; i < count; i++ {
		go func() {
			for {
				mutex.Lock()
				time.Sleep(hold)
				mutex.Unlock()
			}
		}()
	}
}

// write keeps a disk busy.
func write(path string, mibPerSecond int) {
	block := make([]byte, mib)
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|syscall.O_DSYNC, 0o600)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		for i := 0; i < 32; i++ {
			file.Write(block)
			if mibPerSecond > 0 {
				time.Sleep(time.Second / time.Duration(mibPerSecond))
			}
		}
		file.Close()
	}
}

// holdSparsely leaves a heap with something alive in every megabyte and little in any.
func holdSparsely(total int) {
	const piece = 64 << 10
	var pieces [][]byte
	for i := 0; i < total*mib/piece; i++ {
		pieces = append(pieces, touched(piece))
	}
	for i := 0; i < len(pieces); i += 16 {
		held = append(held, pieces[i])
	}
	clear(pieces)
	runtime.GC()
}

func holdOutside(total int) {
	mapped, _ = syscall.Mmap(-1, 0, total*mib, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	for i := 0; i < len(mapped); i += 4096 {
		mapped[i] = 1
	}
}

func holdFiles(count int) {
	for i := 0; i < count; i++ {
		file, err := os.Open("/dev/null")
		if err != nil {
			return
		}
		files = append(files, file)
	}
}

// misbehave starts whatever the flags ask for, and returns.
func misbehave() {
	if *setGCPercent != 0 {
		debug.SetGCPercent(*setGCPercent)
	}
	grove(*small)
	if *outside > 0 {
		holdOutside(*outside)
	}
	holdSparsely(*sparse)
	if *small > 0 {
		runtime.GC()
	}
	holdFiles(*openFiles)
	forever := make(chan struct{})
	for i := 0; i < *deepParked; i++ {
		go deep(*stack, forever)
	}
	holdThreads(*threads)
	if *contenders > 0 {
		runtime.SetBlockProfileRate(1)
		contend(*contenders, 20*time.Millisecond)
	}
	for i := 0; i < *hungry; i++ {
		go hunger()
	}
	if *allocSmall > 0 {
		go churnSmall(*allocSmall)
	}
	if *disk != "" {
		go write(*disk, *diskRate)
	}
	if *needs != "" {
		go depend(*needs)
	}
	go misbehaveLater()
}

func misbehaveLater() {
	time.Sleep(*after)
	if *leaksAMinute > 0 {
		go leakSlowly(*leaksAMinute)
	}
	if *growth > 0 {
		go grow(*growth)
	}
	if *spike > 0 {
		before := len(held)
		hold(*spike)
		// What the slice no longer shows its array would still hold.
		clear(held[before:])
		held = held[:before]
		runtime.GC()
	}
}
