package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/static"
)

// Assets are the static files, each known by its content, so that a browser
// may keep it for a year and still never shows an old one.
type Assets struct {
	byName map[string]asset
}

// asset is one file, ready to be sent.
type asset struct {
	path        string // the address, with the hash in it
	contentType string
	plain       []byte
	packed      []byte // gzip; nil where it gains nothing
}

// Static gives the site's own assets, read and compressed the first time.
var Static = sync.OnceValue(func() *Assets {
	assets, err := NewAssets(static.FS)
	if err != nil {
		panic(err) // an embedded file cannot be unreadable
	}
	return assets
})

// NewAssets reads every file below fsys, hashes and compresses it.
func NewAssets(fsys fs.FS) (*Assets, error) {
	assets := &Assets{byName: map[string]asset{}}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == ".go" {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		contentType, known := contentTypes()[path.Ext(name)]
		if !known {
			return fmt.Errorf("%s: no content type for this kind of file", name)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		assets.byName[name] = asset{
			path:        "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
			contentType: contentType,
			plain:       body,
			packed:      pack(body),
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("static files: %w", err)
	}
	return assets, nil
}

// contentTypes are the kinds of files we serve; nothing is guessed.
func contentTypes() map[string]string {
	return map[string]string{
		".css":         "text/css; charset=utf-8",
		".js":          "text/javascript; charset=utf-8",
		".svg":         "image/svg+xml",
		".png":         "image/png",
		".txt":         "text/plain; charset=utf-8",
		".webmanifest": "application/manifest+json",
	}
}

// pack compresses a file as well as gzip can, or gives nil where that gains
// nothing.
func pack(body []byte) []byte {
	var buffer bytes.Buffer
	packer, _ := gzip.NewWriterLevel(&buffer, gzip.BestCompression) // the level is a valid one
	_, _ = packer.Write(body)                                       // memory does not fail
	_ = packer.Close()
	if buffer.Len() >= len(body) {
		return nil
	}
	return buffer.Bytes()
}

// Path gives the address of a file by its name, such as "css/site.css".
func (a *Assets) Path(name string) (string, error) {
	found, ok := a.byName[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return found.path, nil
}

// Serve answers a request for /static/*file, by GET and by HEAD. A file whose
// hash is not ours is answered with the one we have, which must then be asked
// for again: while versions change over, an old page meets a new server and a
// new page an old one.
func (a *Assets) Serve(c *gin.Context) error {
	asked := c.Request.URL.Path
	found, ok := a.byName[unhashed(strings.TrimPrefix(asked, "/static/"))]
	if !ok {
		return fault.New(fault.NotFound, "This file is not here.")
	}
	header := c.Writer.Header()
	header.Add("Vary", "Accept-Encoding")
	if found.path == asked {
		Forever(c)
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	body := found.plain
	if found.packed != nil && acceptsGzip(c.GetHeader("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		body = found.packed
	}
	write(c, http.StatusOK, found.contentType, body)
	return nil
}

// unhashed takes the hash out of a file's name: css/site.0a1b2c.css is
// css/site.css.
func unhashed(name string) string {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	return strings.TrimSuffix(stem, path.Ext(stem)) + ext
}
