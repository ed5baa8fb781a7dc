package clickhouselocal

import (
	"context"
	"errors"
)

// endpoint is where a server listens and who may do everything there.
type endpoint struct {
	native    string // host:port, empty when not known
	nativeTLS bool
	http      string // URL without a slash at its end, empty when not known
	user      string
	password  string
	database  string
}

func connect(ctx context.Context, raw string) (*Server, error) { return nil, errors.New("later") }
