package clickhouselocal

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// stampFile is written after everything else of an unpacked package: without it, or when it does not fit, the package
// counts as not there.
const stampFile = "complete.json"

// stamp says what a complete package is. A digest of the unpacked library would cost seconds at each start; its size and
// the digest of the tarball it came from do not.
type stamp struct {
	Integrity string `json:"integrity"` // of the tarball
	Library   string `json:"library"`   // file name
	Size      int64  `json:"size"`      // of the library in bytes
}

// libraryNames are the names under which packages hold the library.
var libraryNames = []string{"libchdb.so", "libchdb.dylib"}

// unpacked returns the path of the library in dir when it was unpacked completely, from the tarball with that integrity
// (any, when it is empty).
func unpacked(dir, integrity string) (library string, ok bool) {
	text, err := os.ReadFile(filepath.Join(dir, stampFile))
	if err != nil {
		return "", false
	}
	var s stamp
	if json.Unmarshal(text, &s) != nil || !slices.Contains(libraryNames, s.Library) || (integrity != "" && s.Integrity != integrity) {
		return "", false
	}
	library = filepath.Join(dir, s.Library)
	info, err := os.Stat(library)
	return library, err == nil && info.Size() == s.Size
}

// unpack checks the tarball against integrity, and only then unpacks its library to dir, with a stamp.
func unpack(ctx context.Context, tarball, dir, integrity string) error {
	file, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	found, err := integrityOf(contextReader{ctx, file})
	if err != nil {
		return err
	}
	if integrity != "" && found != integrity {
		return advise(fmt.Errorf("the downloaded tarball has integrity %s, and %s is expected", found, integrity),
			"it may be damaged or not the genuine one: check npm's registry setting and try again, or set %s", elsewhere)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	name, size, err := extractLibrary(contextReader{ctx, file}, dir)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	text, err := json.Marshal(stamp{Integrity: found, Library: name, Size: size})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, stampFile), text, 0o600)
}

// integrityOf is the digest of a tarball in the form of npm's lock files.
func integrityOf(r io.Reader) (string, error) {
	sum := sha512.New()
	if _, err := io.Copy(sum, r); err != nil {
		return "", err
	}
	return "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)), nil
}

// extractLibrary writes the one file that is needed to dir, and has it on disk when it returns.
func extractLibrary(r io.Reader, dir string) (name string, size int64, err error) {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return "", 0, err
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return "", 0, fmt.Errorf("the package holds no library (%s)", strings.Join(libraryNames, " or "))
		}
		if err != nil {
			return "", 0, err
		}
		name := path.Base(header.Name)
		if header.Typeflag != tar.TypeReg || !slices.Contains(libraryNames, name) {
			continue
		}
		size, err := writeSynced(filepath.Join(dir, name), archive)
		return name, size, err
	}
}

func writeSynced(path string, r io.Reader) (int64, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(file, r)
	return size, errors.Join(err, file.Sync(), file.Close())
}

// contextReader ends reading when the context does: the files here take seconds.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
