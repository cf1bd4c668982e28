package report

import "runtime"

// Heap is the memory profile as the runtime keeps it: sampled, not scaled, as of the last collection but one.
type Heap struct {
	Rate         int        `json:"rate"`
	InUseObjects int64      `json:"inUseObjects"`
	InUseBytes   int64      `json:"inUseBytes"`
	AllocObjects int64      `json:"allocObjects"`
	AllocBytes   int64      `json:"allocBytes"`
	Sites        []HeapSite `json:"sites"`
}

// HeapSite is one allocation site with its stack, innermost first.
type HeapSite struct {
	InUseObjects int64   `json:"inUseObjects"`
	InUseBytes   int64   `json:"inUseBytes"`
	AllocObjects int64   `json:"allocObjects"`
	AllocBytes   int64   `json:"allocBytes"`
	Stack        []Frame `json:"stack"`
}

// Frame is a line of a stack.
type Frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
}

// HeapProfile reads the whole profile, sites without live objects included.
func HeapProfile() Heap {
	records := make([]runtime.MemProfileRecord, 1024)
	count, ok := runtime.MemProfile(records, true)
	for !ok {
		records = make([]runtime.MemProfileRecord, count+1024)
		count, ok = runtime.MemProfile(records, true)
	}
	heap := Heap{Rate: runtime.MemProfileRate, Sites: []HeapSite{}}
	for _, record := range records[:count] {
		site := HeapSite{record.InUseObjects(), record.InUseBytes(), record.AllocObjects, record.AllocBytes, nil}
		heap.InUseObjects += site.InUseObjects
		heap.InUseBytes += site.InUseBytes
		heap.AllocObjects += site.AllocObjects
		heap.AllocBytes += site.AllocBytes
		frames := runtime.CallersFrames(record.Stack())
		for more := true; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			site.Stack = append(site.Stack, Frame{frame.Function, frame.File, frame.Line})
		}
		heap.Sites = append(heap.Sites, site)
	}
	return heap
}
