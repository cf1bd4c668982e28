package report

import "runtime"

// MemStats is runtime.MemStats under its own names, with every uint64 a decimal string.
type MemStats struct {
	Alloc         uint64   `json:",string"`
	TotalAlloc    uint64   `json:",string"`
	Sys           uint64   `json:",string"`
	Lookups       uint64   `json:",string"`
	Mallocs       uint64   `json:",string"`
	Frees         uint64   `json:",string"`
	HeapAlloc     uint64   `json:",string"`
	HeapSys       uint64   `json:",string"`
	HeapIdle      uint64   `json:",string"`
	HeapInuse     uint64   `json:",string"`
	HeapReleased  uint64   `json:",string"`
	HeapObjects   uint64   `json:",string"`
	StackInuse    uint64   `json:",string"`
	StackSys      uint64   `json:",string"`
	MSpanInuse    uint64   `json:",string"`
	MSpanSys      uint64   `json:",string"`
	MCacheInuse   uint64   `json:",string"`
	MCacheSys     uint64   `json:",string"`
	BuckHashSys   uint64   `json:",string"`
	GCSys         uint64   `json:",string"`
	OtherSys      uint64   `json:",string"`
	NextGC        uint64   `json:",string"`
	LastGC        uint64   `json:",string"`
	PauseTotalNs  uint64   `json:",string"`
	PauseNs       []string // newest at [(NumGC+255)%256]
	PauseEnd      []string
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	BySize        []SizeClass
}

// SizeClass is what was allocated and freed of one size of small objects.
type SizeClass struct {
	Size    uint32
	Mallocs uint64 `json:",string"`
	Frees   uint64 `json:",string"`
}

func memStatsOf(m *runtime.MemStats) MemStats {
	stats := MemStats{
		m.Alloc, m.TotalAlloc, m.Sys, m.Lookups, m.Mallocs, m.Frees,
		m.HeapAlloc, m.HeapSys, m.HeapIdle, m.HeapInuse, m.HeapReleased, m.HeapObjects,
		m.StackInuse, m.StackSys, m.MSpanInuse, m.MSpanSys, m.MCacheInuse, m.MCacheSys, m.BuckHashSys, m.GCSys, m.OtherSys,
		m.NextGC, m.LastGC, m.PauseTotalNs, decimals(m.PauseNs[:]), decimals(m.PauseEnd[:]),
		m.NumGC, m.NumForcedGC, m.GCCPUFraction, m.EnableGC, nil,
	}
	for _, class := range m.BySize {
		stats.BySize = append(stats.BySize, SizeClass{class.Size, class.Mallocs, class.Frees})
	}
	return stats
}
