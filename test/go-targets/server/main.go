// Command server is probe with package net: it serves net/http/pprof, expvar and a page of its own, and waits on the network.
package main

import (
	_ "expvar"
	"flag"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"time"

	"example.com/cgopher/go-targets/behave"
	"example.com/cgopher/go-targets/report"
)

func main() {
	behaviour := behave.Register()
	listen := flag.String("listen", "127.0.0.1:0", "address to serve on")
	block := flag.Int("block", 0, "runtime.SetBlockProfileRate")
	mutex := flag.Int("mutex", 0, "runtime.SetMutexProfileFraction")
	dns := flag.Int("dns", 0, "goroutines that look up names at a server that is silent")
	sql := flag.Int("sql", 0, "goroutines that wait for the only connection of a database/sql pool")
	idle := flag.Int("idle", 0, "idle keep-alive connections to itself")
	silent := flag.Int("silent", 0, "goroutines that read from a connection that is silent")
	flag.Parse()

	runtime.SetBlockProfileRate(*block)
	runtime.SetMutexProfileFraction(*mutex)
	http.HandleFunc("/", hello)
	listener, err := net.Listen("tcp", *listen)
	check(err)
	go func() { check(http.Serve(listener, nil)) }()
	address := listener.Addr().String()

	startLookups(*dns)
	startPool(*sql)
	startIdle(*idle, "http://"+address+"/")
	startSilent(*silent)
	reporter := report.New()
	behaviour.Start(reporter)
	time.Sleep(50 * time.Millisecond)
	reporter.Serve("ready " + address)
}

func hello(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
