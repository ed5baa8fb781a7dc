package scim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/otelaudit/otelaudit/internal/directory"
)

// list is a ListResponse of RFC 7644, section 3.4.2.
type list struct {
	TotalResults int              `json:"totalResults"`
	Resources    []map[string]any `json:"Resources"`
}

// maxBody bounds an answer.
const maxBody = 64 << 20

var errFewer = directory.Failuref("the service gave fewer resources than it says there are")

// errNotFound is the answer that there is no such resource.
var errNotFound = errors.New("not found")

// busy is a failure that may pass: the same may be asked again.
type busy struct{ error }

func (b busy) Unwrap() error { return b.error }

// get asks once, and decodes the answer.
func (s *Source) get(ctx context.Context, path string, query url.Values, into any) error {
	target := strings.TrimSuffix(s.cfg.HTTP.Endpoint, "/") + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return directory.Failuref("the request cannot be made")
	}
	request.Header.Set("Accept", "application/scim+json, application/json")
	if s.cfg.Token != "" {
		request.Header.Set("Authorization", "Bearer "+string(s.cfg.Token))
	}
	response, err := s.client.Do(request)
	if err != nil {
		return busy{directory.Failuref("the service cannot be reached: %s", reason(err))}
	}
	defer func() {
		_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection can be used again
		_ = response.Body.Close()
	}()
	if response.StatusCode == http.StatusNotFound {
		return errNotFound
	}
	if response.StatusCode != http.StatusOK {
		failure := &directory.Failure{Problem: fmt.Sprintf("the service answered %d", response.StatusCode), RetryAfter: retryAfter(response)}
		if response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= http.StatusInternalServerError {
			return busy{failure}
		}
		return failure
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(into); err != nil {
		if ctx.Err() != nil {
			return directory.Failuref("the service did not answer in time")
		}
		return directory.Failuref("the service's answer is not the JSON of SCIM, or too long")
	}
	return nil
}

// reason tells a network's error without the URL, which may name a user.
func reason(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) { // whose text holds the answer
		return tokenRefused(refused)
	}
	return err.Error()
}

// tokenErrors are the codes of RFC 6749, section 5.2.
var tokenErrors = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}

func tokenRefused(err *oauth2.RetrieveError) string {
	text := "the token endpoint gives no token"
	if err.Response != nil {
		text = fmt.Sprintf("the token endpoint answered %d", err.Response.StatusCode)
	}
	if slices.Contains(tokenErrors, err.ErrorCode) {
		text += ", " + err.ErrorCode
	}
	return text
}

func retryAfter(response *http.Response) time.Duration {
	text := response.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 86400)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// Tries of one page. Reading a large directory takes thousands of pages, and shall not begin anew for one that fails.
const (
	tries     = 4
	firstWait = 500 * time.Millisecond
	longWait  = 30 * time.Second
)

// page asks for a part of a list, again where the service says that it is busy.
func (s *Source) page(ctx context.Context, path string, query url.Values) (*list, error) {
	wait := firstWait
	var before error // of the last try
	for try := 1; ; try++ {
		var l list
		err := s.get(ctx, path, query, &l)
		if err == nil {
			return &l, nil
		}
		if ctx.Err() != nil && before != nil {
			return nil, before // which says more than that the time is over
		}
		var f *directory.Failure
		if !errors.As(err, new(busy)) || !errors.As(err, &f) || try == tries || f.RetryAfter > longWait {
			return nil, err
		}
		before = err
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(max(wait, f.RetryAfter)):
		}
		wait *= 2
	}
}

// all goes through the pages of a list. Users who are removed meanwhile move others to pages that were read already, so a list
// that got shorter is refused.
func (s *Source) all(ctx context.Context, path string, query url.Values, each func(resource map[string]any) error) error {
	query.Set("count", strconv.Itoa(s.cfg.PageSize))
	total := 0
	for start := 1; ; {
		query.Set("startIndex", strconv.Itoa(start))
		l, err := s.page(ctx, path, query)
		if err != nil {
			return err
		}
		if l.TotalResults < total {
			return directory.Failuref("the list became shorter while it was read")
		}
		total = l.TotalResults
		for _, resource := range l.Resources {
			if err := each(resource); err != nil {
				return err
			}
		}
		start += len(l.Resources)
		if start > total {
			return nil
		}
		if len(l.Resources) == 0 {
			return errFewer
		}
	}
}
