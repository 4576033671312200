// Command manifest writes the ids and bodies of all operations to clients/manifest.json, from which the TypeScript clients are made. Run it
// through make generate.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"dongxiao/clients"
	"dongxiao/graph/persisted"
)

//go:generate go run dongxiao/clients/manifest ../manifest.json

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manifest FILE")
		os.Exit(2)
	}
	text, err := manifest()
	if err == nil {
		err = os.WriteFile(os.Args[1], text, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// manifest is what persisted.Manifest gives, as JSON in a fixed order.
func manifest() ([]byte, error) {
	documents, err := persisted.Manifest(clients.Files)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(documents); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}
