package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"text/tabwriter"
)

// result is one line of the table and of latest.json.
type result struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Baseline is the same of the best plain form; 0 where there is nothing to compare with.
	Baseline float64 `json:"baseline,omitempty"`
	// Ratio is value / baseline, and below it of what goal is.
	Ratio float64 `json:"ratio,omitempty"`
	// Goal is the least ratio that the design promises.
	Goal float64 `json:"goal,omitempty"`
	// Statements and BaselineStatements are SQL statements for each operation, transactions' begin and end left out.
	Statements         float64 `json:"statements"`
	BaselineStatements float64 `json:"baselineStatements,omitempty"`
	// Note says which baseline it was.
	Note    string `json:"note,omitempty"`
	Machine string `json:"machine"`
	Commit  string `json:"commit"`
}

// compare fills in the ratio.
func (r result) compare() result {
	if r.Baseline > 0 {
		r.Ratio = r.Value / r.Baseline
	}
	return r
}

// print writes the table.
func print(to io.Writer, results []result) {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "name\tvalue\tbaseline\tunit\tratio\tgoal\tstatements\tof the baseline\t")
	for _, r := range results {
		ratio, goal := "", ""
		if r.Baseline > 0 {
			ratio = fmt.Sprintf("%.2f", r.Ratio)
		}
		if r.Goal > 0 {
			goal = fmt.Sprintf("≥ %g", r.Goal)
			if r.Ratio < r.Goal {
				goal += " MISSED"
			}
		}
		fmt.Fprintf(table, "%s\t%.1f\t%.1f\t%s\t%s\t%s\t%.2f\t%.2f\t%s\n", r.Name, r.Value, r.Baseline, r.Unit, ratio, goal, r.Statements, r.BaselineStatements, r.Note)
	}
	_ = table.Flush()
	if len(results) > 0 {
		fmt.Fprintf(to, "%s, commit %s\n", results[0].Machine, results[0].Commit)
	}
}

// keep writes the results to a file, beside those of benchmarks that did not run this time.
func keep(path string, results []result) error {
	var kept []result
	switch data, err := os.ReadFile(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(data, &kept); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for _, r := range results {
		if i := slices.IndexFunc(kept, func(k result) bool { return k.Name == r.Name }); i >= 0 {
			kept[i] = r
		} else {
			kept = append(kept, r)
		}
	}
	data, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// median of at least one number.
func median(numbers []float64) float64 {
	sorted := slices.Sorted(slices.Values(numbers))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
