package clickhouselocal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

//go:embed templates/*.tmpl
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"xml":    escapeXML,
	"sha256": sha256Hex,
}).ParseFS(templateFiles, "templates/*.tmpl"))

// config is what the templates are filled with.
type config struct {
	Options
	Paths    paths
	Instance string
}

// paths are the files and directories of a server, all below its data directory.
type paths struct {
	Data, Tmp, UserFiles      string
	ServerConfig, UsersConfig string
	Log                       string // ClickHouse's own log, rotated by it
	Output                    string // standard output and error of the process, from its last start
}

func pathsBelow(dir string) paths {
	return paths{
		Data:         filepath.Join(dir, "data"),
		Tmp:          filepath.Join(dir, "tmp"),
		UserFiles:    filepath.Join(dir, "user_files"),
		ServerConfig: filepath.Join(dir, "server.xml"),
		UsersConfig:  filepath.Join(dir, "users.xml"),
		Log:          filepath.Join(dir, "log", "server.log"),
		Output:       filepath.Join(dir, "log", "output.log"),
	}
}

// write makes the directories and writes the configuration. Only the owner can read it.
func (c config) write() error {
	// The database `system` is made anew at each start and knows nothing of its log tables then, but refuses to make one where
	// the last start left the rows of another.
	if err := os.RemoveAll(filepath.Join(c.Paths.Data, "data", "system", "query_log")); err != nil {
		return err
	}
	for _, dir := range []string{c.Paths.Data, c.Paths.Tmp, c.Paths.UserFiles, filepath.Dir(c.Paths.Log)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	for path, name := range map[string]string{c.Paths.ServerConfig: "server.xml.tmpl", c.Paths.UsersConfig: "users.xml.tmpl"} {
		text, err := c.render(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (c config) render(name string) ([]byte, error) {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, c); err != nil {
		return nil, fmt.Errorf("write the configuration of ClickHouse: %w", err)
	}
	return out.Bytes(), nil
}

func escapeXML(text string) (string, error) {
	var out bytes.Buffer
	err := xml.EscapeText(&out, []byte(text))
	return out.String(), err
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
