//go:build !unix

package clickhouselocal

import (
	"context"
	"errors"
)

// lock is only needed where there is a library to fetch.
func lock(context.Context, string, *progress) (func(), error) {
	return nil, errors.New("the cache cannot be locked on this operating system")
}
