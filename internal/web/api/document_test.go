package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// strict is the document with every object closed, so that a field of an answer
// that the document does not name is found. The document itself leaves answers
// open: they may gain fields.
var strict = sync.OnceValues(func() (routers.Router, error) {
	raw, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	closeObjects(tree)
	closed, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	document, err := openapi3.NewLoader().LoadFromData(closed)
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(document)
})

func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		_, named := node["properties"]
		if _, said := node["additionalProperties"]; node["type"] == "object" && named && !said {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// describes holds an answer to the document, and a request that was taken too.
func describes(r *http.Request, body string, a said) error {
	router, err := strict()
	if err != nil {
		return err
	}
	r = r.Clone(context.Background())
	r.Body = io.NopCloser(strings.NewReader(body))
	route, params, err := router.FindRoute(r)
	if err != nil {
		return err
	}
	asked := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	if a.status < 300 && !(body == "" && r.Method == http.MethodPost) {
		if err := openapi3filter.ValidateRequest(r.Context(), asked); err != nil {
			return fmt.Errorf("the request that was taken: %w", err)
		}
	}
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked, Status: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
}

// The check of every other test here must be able to fail.
func TestAnAnswerThatTheDocumentDoesNotDescribeIsFound(t *testing.T) {
	h := open(t)
	const target = "/api/v1/slots?type=call&from=2026-12-08&to=2026-12-09&timezone=UTC"
	good := h.get(target).wants(200)
	change := func(change func(*said)) said {
		a := good
		a.header = good.header.Clone()
		change(&a)
		return a
	}
	for about, a := range map[string]said{
		"another status":    change(func(a *said) { a.status = 202 }),
		"another type":      change(func(a *said) { a.header.Set("Content-Type", "text/plain") }),
		"a field more":      change(func(a *said) { a.body = strings.Replace(a.body, `"type":`, `"kind":"x","type":`, 1) }),
		"a field less":      change(func(a *said) { a.body = strings.Replace(a.body, `"type":"call",`, ``, 1) }),
		"a field deep down": change(func(a *said) { a.body = strings.Replace(a.body, `"coaches":`, `"free":1,"coaches":`, 1) }),
		"no date":           change(func(a *said) { a.body = strings.Replace(a.body, "2026-12-08T", "2026-12-08 at ", 1) }),
		"no open door":      change(func(a *said) { a.header.Set("Access-Control-Allow-Origin", "https://one.example") }),
		"an unknown problem": change(func(a *said) {
			a.status, a.body = 404, `{"type":"/problems/lost","title":"x","status":404,"detail":"x"}`
			a.header.Set("Content-Type", "application/problem+json")
		}),
	} {
		if describes(h.request("GET", target, ""), "", a) == nil {
			t.Errorf("%s is not found", about)
		}
	}
}

func TestTheDocumentIsOpenAPIThreeOneAndNamesNoOtherHost(t *testing.T) {
	h := open(t)
	sent := h.get("/api/v1/openapi.json").wants(200)
	document, err := openapi3.NewLoader().LoadFromData([]byte(sent.body))
	h.must(err)
	h.must(document.Validate(h.ctx)) // examples included
	if !document.IsOpenAPI31OrLater() || len(document.Servers) != 1 || document.Servers[0].URL != "/" {
		t.Errorf("version %s, servers %v", document.OpenAPI, document.Servers)
	}
	for _, link := range regexp.MustCompile(`[a-z]+://[^"\\ ]+`).FindAllString(sent.body, -1) {
		if u, err := url.Parse(link); err != nil || !strings.HasSuffix(u.Host, ".example.org") {
			t.Errorf("names %s", link)
		}
	}
}

func TestEveryRouteIsDescribedAndEveryDescriptionIsARoute(t *testing.T) {
	h := open(t)
	var routes, paths []string
	for _, r := range h.doors.Routes() {
		routes = append(routes, r.Method+" "+regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}"))
	}
	document, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	h.must(err)
	ids := map[string]bool{}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			paths = append(paths, method+" "+path)
			if operation.Summary == "" || operation.OperationID == "" || ids[operation.OperationID] {
				t.Errorf("%s %s has no summary or no name of its own", method, path)
			}
			ids[operation.OperationID] = true
		}
	}
	slices.Sort(routes)
	slices.Sort(paths)
	if !slices.Equal(routes, paths) {
		t.Errorf("routes\n%s\ndescribed\n%s", strings.Join(routes, "\n"), strings.Join(paths, "\n"))
	}
}

func TestEveryFieldIsExplained(t *testing.T) {
	raw, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if again := new(bytes.Buffer); json.Indent(again, raw, "", "  ") != nil || !bytes.Equal(again.Bytes(), raw) {
		t.Error("openapi.json is not indented by two")
	}
	document, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"AppointmentType", "Slots", "Slot", "BookingRequest", "RescheduleRequest", "CancelRequest", "Booking", "Problem", "FieldError"} {
		schema, ok := document.Components.Schemas[name]
		if !ok {
			t.Fatalf("no schema %s", name)
		}
		for field, of := range schema.Value.Properties {
			if of.Value.Description == "" {
				t.Errorf("%s.%s is not explained", name, field)
			}
		}
	}
}
