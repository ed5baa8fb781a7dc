package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// state is the directory in which everything is kept between start and end, and until the next start.
type state struct{ dir string }

func (s state) clickhouse() string { return filepath.Join(s.dir, "clickhouse") }
func (s state) blocks() string     { return filepath.Join(s.dir, "log") }
func (s state) key() string        { return filepath.Join(s.dir, "pseudonym.key") }
func (s state) config() string     { return filepath.Join(s.dir, "collector.yaml") }
func (s state) users() string      { return filepath.Join(s.dir, "users.yaml") }
func (s state) log() string        { return filepath.Join(s.dir, "collector.log") }

// What prepare does with what the last run left.
type leftovers int

const (
	discard   leftovers = iota // a ClickHouse of our own starts empty, and so does the log in front of it
	deliver                    // a server of the user's gets what is still in the log for it
	mustExist                  // nothing new is sent: without data of an earlier run there is nothing to show
)

// prepare makes the directory ready. The key of the pseudonyms always stays, so that on a server of the user's they can be
// joined from run to run. Only a directory that holds our key is emptied.
func (s state) prepare(last leftovers) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	_, err := os.Stat(s.key())
	ours := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if last == mustExist && !ours {
		return fmt.Errorf("%s holds no data of an earlier run: run once without KEEP", s.dir)
	}
	if last == discard {
		for _, old := range []string{s.clickhouse(), s.blocks()} {
			if _, err := os.Stat(old); err == nil && !ours {
				return fmt.Errorf("%s is not a quickstart's directory: set STATE_DIR to another", s.dir)
			}
			if err := os.RemoveAll(old); err != nil {
				return err
			}
		}
	}
	if !ours {
		if err := writeKey(s.key()); err != nil {
			return err
		}
	}
	return errors.Join(
		os.WriteFile(s.config(), collectorConfig, 0o600),
		os.WriteFile(s.users(), usersFile, 0o600),
	)
}

// writeKey makes a key for pseudonyms, which only the owner can read.
func writeKey(path string) error {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(hex.EncodeToString(key)+"\n"), 0o600)
}
