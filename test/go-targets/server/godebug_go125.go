//go:build go1.25

// What a go line of 1.25 gives a program: GOMAXPROCS follows the CPU limit of the cgroup.
//
//go:debug default=go1.25
package main
