package behave

import (
	"runtime"
	"time"
)

const mib = 1 << 20

// Package variables, so that the compiler cannot prove an allocation unused.
var (
	held    [][]byte
	garbage [][]byte
)

type node struct {
	next    *node
	payload [14]uint64
}

// holdHeap makes live heap and collects, so that the runtime knows what lives.
//
//go:noinline
func holdHeap(total int) {
	for i := 0; i < total; i++ {
		held = append(held, touched(mib))
	}
	if total > 0 {
		runtime.GC()
	}
}

func touched(size int) []byte {
	block := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		block[i] = 1
	}
	return block
}

//go:noinline
func allocate() {
	for {
		garbage = garbage[:0]
		for done := 0; done < mib/5; done += 16 << 10 {
			garbage = append(garbage, touched(16<<10))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

//go:noinline
func makeGarbage() {
	for {
		var list *node
		for done := 0; done < 100*1024; done += 128 {
			list = &node{next: list}
		}
		runtime.KeepAlive(list)
		time.Sleep(time.Millisecond)
	}
}
