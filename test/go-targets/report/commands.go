package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
)

// Serve prints `ready` (and what follows it), then answers each line of stdin with one line on stdout until `quit` or the end:
// state, heap, stacks (goroutine?debug=2), gc (answers {} when done).
func (r *Reporter) Serve(ready string) {
	fmt.Println(ready)
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var answer interface{}
		switch lines.Text() {
		case "state":
			answer = r.State()
		case "heap":
			answer = HeapProfile()
		case "stacks":
			answer = map[string]string{"stacks": stacks()}
		case "gc":
			runtime.GC()
			answer = struct{}{}
		case "quit":
			return
		default:
			answer = map[string]string{"error": "unknown command: " + lines.Text()}
		}
		if err := out.Encode(answer); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
	}
}

func stacks() string {
	for size := 1 << 20; ; size *= 2 {
		text := make([]byte, size)
		if n := runtime.Stack(text, true); n < size {
			return string(text[:n])
		}
	}
}
