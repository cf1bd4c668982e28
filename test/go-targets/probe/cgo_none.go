//go:build !cgo

package main

var cgo = false
