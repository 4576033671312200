// Command bench measures what the design promises, each time beside a baseline that is the best plain form of the same work: both run in turn in
// one process on one durable MariaDB and one Redis, so that the ratio means something on any machine.
//
//	go run ./bench                          everything
//	go run ./bench -bench=claim_hot         one of them
//	go run ./bench -seconds=10              measures longer
//
// It prints a table and writes bench/latest.json.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// benchmark is one entry of the table; it measures and gives one or more results.
type benchmark struct {
	name string
	run  func(ctx context.Context, e *environment) ([]result, error)
}

// benchmarks in the order in which they run.
var benchmarks = []benchmark{
	{"claim_hot", claimHot},
	{"claim_few", claimFew},
	{"bulk_issue", bulkIssue},
	{"home_uncached", homeUncached},
	{"home", homeAsShipped},
	{"notify", notify},
	{"wallet_spend", walletSpend},
	{"redeem", redeem},
	{"quote", quotes},
	{"verify", verifyBook},
	{"statements", statementsOfOperations},
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == homeCommand {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		if err := serveHome(ctx, os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	names := make([]string, len(benchmarks))
	for i, b := range benchmarks {
		names[i] = b.name
	}
	only := flag.String("bench", "", "run only this one: "+strings.Join(names, ", "))
	seconds := flag.Int("seconds", 5, "how long each side of a comparison is measured")
	output := flag.String("output", "bench/latest.json", "where the results are kept")
	profile := flag.String("profile", "", "write a CPU profile of this process to the file")
	flag.Parse()
	if *profile != "" {
		file, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(file)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, time.Duration(*seconds)*time.Second, *output); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, measure time.Duration, output string) (err error) {
	selected := benchmarks
	if only != "" {
		selected = slices.DeleteFunc(slices.Clone(benchmarks), func(b benchmark) bool { return b.name != only })
	}
	switch {
	case len(selected) == 0:
		return fmt.Errorf("there is no benchmark named %q", only)
	case measure <= 0:
		return errors.New("-seconds must be above zero")
	}
	fmt.Println("starting MariaDB (durable) and Redis …")
	e, err := start(ctx, measure)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	var results []result
	for _, b := range selected {
		fmt.Println("measuring " + b.name + " …")
		measured, err := b.run(ctx, e)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		results = append(results, measured...)
	}
	machine, commit := e.machine(ctx), commitOf(ctx)
	for i := range results {
		results[i].Machine, results[i].Commit = machine, commit
	}
	print(os.Stdout, results)
	return keep(output, results)
}
