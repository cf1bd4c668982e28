//go:build go1.19

package report

import (
	"runtime/debug"
	"strconv"
)

// memoryLimit reads: a negative limit changes nothing.
func memoryLimit() string { return strconv.FormatInt(debug.SetMemoryLimit(-1), 10) }
