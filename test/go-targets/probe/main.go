// Command probe behaves as its flags say and reports on itself, without package net.
package main

import (
	"flag"

	"example.com/cgopher/go-targets/behave"
	"example.com/cgopher/go-targets/report"
)

func main() {
	behaviour := behave.Register()
	flag.Parse()
	reporter := report.New()
	reporter.Cgo = cgo
	behaviour.Start(reporter)
	reporter.Serve("ready")
}
