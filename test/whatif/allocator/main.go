// A program that holds so much and allocates so fast, and says what its runtime counted. Flags shape it; GOGC, GOMEMLIMIT and
// GOMAXPROCS come from the environment. "ready" when the live heap is there; each line on stdin is answered with one of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"runtime/metrics"
	"time"
)

type node struct {
	left, right *node
	payload     [6]uint64
}

var (
	liveMiB  = flag.Int("live", 64, "MiB held")
	shape    = flag.String("shape", "list", "list, map, tree or flat: what is held")
	workers  = flag.Int("workers", 2, "goroutines that allocate")
	size     = flag.Int("size", 256, "bytes of one allocation")
	work     = flag.Int("work", 200, "rounds of plain computing for each allocation")
	replace  = flag.Int("replace", 16, "every so many allocations one of what is held is replaced; 0: never")
	pause    = flag.Duration("pause", 0, "sleep of each worker after a batch")
	batch    = flag.Int("batch", 2000, "allocations in a batch")
	stacks   = flag.Int("stacks", 0, "parked goroutines with a deep stack")
	sink     [64]uint64
	lists    []*node
	tables   []map[uint64]*node
	blocks   [][]byte
	parking  = make(chan struct{})
	keepBusy [64][]byte
)

func build() {
	bytes := *liveMiB << 20
	switch *shape {
	case "list", "tree":
		// 64-byte nodes; lists of a thousand, so that markers can share the work.
		for left := bytes / 64; left > 0; left -= 1000 {
			lists = append(lists, chain(1000))
		}
	case "map":
		for left := bytes / 100; left > 0; left -= 1000 {
			tables = append(tables, table(1000))
		}
	default:
		for left := bytes / 65536; left > 0; left-- {
			blocks = append(blocks, make([]byte, 65536))
		}
	}
}

func chain(n int) *node {
	var head *node
	for i := 0; i < n; i++ {
		if *shape == "tree" && head != nil {
			head = &node{left: head, right: head.left}
		} else {
			head = &node{left: head}
		}
	}
	return head
}

func table(n int) map[uint64]*node {
	t := make(map[uint64]*node, n)
	for i := 0; i < n; i++ {
		t[uint64(i)] = &node{}
	}
	return t
}

// replaceOne swaps a piece of what is held for a new one of the same size.
func replaceOne(r *rand.Rand) {
	switch {
	case len(lists) > 0:
		l := lists[r.Intn(len(lists))]
		for i := 0; i < 3 && l.left != nil; i++ {
			l = l.left
		}
		if l.left != nil {
			old := l.left
			l.left = &node{left: old.left, right: old.right}
		}
	case len(tables) > 0:
		// Maps are shared; only values that are pointers already are written over, each worker in tables of its own.
	case len(blocks) > 0:
		if r.Intn(64) == 0 {
			blocks[r.Intn(len(blocks))] = make([]byte, 65536)
		}
	}
}

func churn(id int) {
	r := rand.New(rand.NewSource(int64(id)))
	sum := uint64(id)
	for {
		for i := 0; i < *batch; i++ {
			keepBusy[id%64] = make([]byte, *size)
			for j := 0; j < *work; j++ {
				sum = sum*6364136223846793005 + 1442695040888963407
			}
			// One worker only changes what is held: no locks to wait for.
			if id == 0 && *replace > 0 && i%*replace == 0 {
				replaceOne(r)
			}
		}
		sink[id%64] = sum
		if *pause > 0 {
			time.Sleep(*pause)
		}
	}
}

func deep(n int) uint64 {
	var room [32]uint64
	if n > 0 {
		room[n%32] = deep(n - 1)
	} else {
		<-parking
	}
	return room[n%32]
}

func state() map[string]float64 {
	out := map[string]float64{"atNs": float64(time.Now().UnixNano()), "gomaxprocs": float64(runtime.GOMAXPROCS(0))}
	var samples []metrics.Sample
	for _, d := range metrics.All() {
		if d.Kind == metrics.KindFloat64 || d.Kind == metrics.KindUint64 {
			samples = append(samples, metrics.Sample{Name: d.Name})
		}
	}
	metrics.Read(samples)
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindFloat64 {
			out[s.Name] = s.Value.Float64()
		} else {
			out[s.Name] = float64(s.Value.Uint64())
		}
	}
	return out
}

func main() {
	flag.Parse()
	build()
	for i := 0; i < *stacks; i++ {
		go deep(100)
	}
	for i := 0; i < *workers; i++ {
		go churn(i)
	}
	fmt.Println("ready")
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		json.NewEncoder(os.Stdout).Encode(state())
	}
}
