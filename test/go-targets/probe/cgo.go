//go:build cgo

package main

// static int yes(void) { return 1; }
import "C"

var cgo = C.yes() == 1
