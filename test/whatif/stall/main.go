// Keeps all its Ps busy, all the time or in bursts, and says how long it was stopped: gaps in the time of a loop that does nothing else.
package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// A shorter gap is the scheduler's, not the quota's.
const shortest = 8 * time.Millisecond

type gaps struct {
	count   int
	sum     time.Duration
	longest time.Duration
}

func spin(until time.Time, work time.Duration, seen *gaps) {
	last := time.Now()
	for done := time.Duration(0); done < work && last.Before(until); {
		now := time.Now()
		if gap := now.Sub(last); gap >= shortest {
			seen.count++
			seen.sum += gap
			if gap > seen.longest {
				seen.longest = gap
			}
		} else {
			done += gap
		}
		last = now
	}
}

func main() {
	seconds := flag.Float64("seconds", 3, "how long")
	burst := flag.Duration("burst", 0, "CPU time of a burst, shared by all Ps; 0: busy all the time")
	every := flag.Duration("every", 350*time.Millisecond, "pause after a burst")
	flag.Parse()
	procs := runtime.GOMAXPROCS(0)
	end := time.Now().Add(time.Duration(*seconds * float64(time.Second)))
	seen := make([]gaps, procs)
	for time.Now().Before(end) {
		work := time.Hour
		if *burst > 0 {
			work = *burst / time.Duration(procs)
		}
		var all sync.WaitGroup
		for i := range seen {
			all.Add(1)
			go func(mine *gaps) {
				defer all.Done()
				spin(end, work, mine)
			}(&seen[i])
		}
		all.Wait()
		if *burst > 0 {
			time.Sleep(*every)
		}
	}
	var total gaps
	for _, one := range seen {
		total.count += one.count
		total.sum += one.sum
		if one.longest > total.longest {
			total.longest = one.longest
		}
	}
	fmt.Printf("gaps=%d sum_usec=%d longest_usec=%d\n", total.count, total.sum.Microseconds(), total.longest.Microseconds())
}
