package questions

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// documentEvents are products' own events in the form that their documents describe, each product's sent to the tenant of its
// name. They lie before those of events(), so that no range holds both.
//
// Axiom's and Observe's documents give few events or none: testdata/documents has some with the fields that they name, and the
// language model calls of Observe are the document's examples themselves.
func documentEvents() ([]event, error) {
	var out []event
	for _, product := range []string{"axiom", "observe"} {
		bodies, err := read[[]map[string]any](filepath.Join("testdata", "documents", product+".json"))
		if err != nil {
			return nil, err
		}
		for n, body := range bodies {
			out = append(out, documentEvent(product, id("document-"+product, n), body))
		}
	}
	files, err := filepath.Glob("../profile/testdata/observe/document/*.json")
	if err != nil {
		return nil, err
	}
	for n, file := range files {
		body, err := read[map[string]any](file)
		if err != nil {
			return nil, err
		}
		out = append(out, documentEvent("observe", id("document-llm", n), body))
	}
	return out, nil
}

// documentEvent is an event of a tenant that has the product's name. An event that says no time is of when it was observed.
func documentEvent(product, id string, body map[string]any) event {
	if own, ok := body["id"].(string); ok {
		id = own
	}
	return event{ID: id, Tenant: product, Service: product, Profile: product, Body: body, Time: time.Date(2026, 2, 6, 20, 0, 0, 0, time.UTC)}
}

func read[T any](file string) (out T, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return out, err
	}
	// Three of Observe's examples have backslashes doubled, as the page's source has, and are no JSON with them.
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), `\\`, `\`)), &out); err != nil {
		return out, fmt.Errorf("%s: %w", file, err)
	}
	return out, nil
}
