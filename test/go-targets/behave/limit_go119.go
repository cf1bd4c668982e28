//go:build go1.19

package behave

import "runtime/debug"

func setMemoryLimit(bytes int64) { debug.SetMemoryLimit(bytes) }
