// Package page draws pages: typed views, rendered whole or not at all, the
// layout's frame, the assets beside them, and the one door where errors become
// pages. It knows nothing of what is booked or sold; handlers give it view
// models that are already worded and zoned.
package page

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"sync"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/templates"
)

// View is a page whose model has the type T. The template reads the model as
// .Page and the layout's fields as .Frame.
type View[T any] struct {
	file string
	tree func() *template.Template // parsed when it is first drawn: most processes draw few of the pages
}

// sheet is what a template sees.
type sheet struct {
	Frame Frame
	Page  any
}

// Define names a page's template, such as "book.html", which is read together
// with the layout and the parts when the page is first drawn. A missing file is
// the programmer's mistake and panics here, so that it belongs into a package's
// variables; that every file parses is held by a test.
func Define[T any](file string) View[T] {
	if _, err := fs.Stat(templates.FS, file); err != nil {
		panic(err)
	}
	return View[T]{file: file, tree: sync.OnceValue(func() *template.Template {
		return template.Must(template.Must(layout().Clone()).ParseFS(templates.FS, file))
	})}
}

// layout is the part of every page that is parsed once and cloned for each.
var layout = sync.OnceValue(func() *template.Template {
	tree := template.New("layout.html").Funcs(funcs()).Option("missingkey=error")
	return template.Must(tree.ParseFS(templates.FS, "layout.html", "part/*.html"))
})

// Execute writes the page to w. Half a page may have been written when it
// fails; Render keeps that from people.
func (v View[T]) Execute(w io.Writer, frame Frame, model T) error {
	if err := v.tree().ExecuteTemplate(w, "layout.html", sheet{Frame: frame, Page: model}); err != nil {
		return fmt.Errorf("page %s: %w", v.file, err)
	}
	return nil
}

// Render answers the request with the page: drawn into a buffer first, then
// written once with its status. On an error nothing has been written, so that
// the door can still answer.
//
// A discreet page carries a token in its links. It is never compressed, since
// the length of a compressed page tells about secrets in it to someone who can
// mix in words of their own; and no cache may keep it.
func (v View[T]) Render(c *gin.Context, status int, frame Frame, model T) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer giveBack(buffer)
	buffer.Reset()
	if err := v.Execute(buffer, frame, model); err != nil {
		return fault.Wrap(fault.Internal, "This page could not be drawn. Nothing you did is lost; please try again in a moment.", err)
	}
	if frame.Discreet {
		c.Header("Cache-Control", "no-store")
		c.Header("X-Robots-Tag", "noindex")
		write(c, status, htmlType, buffer.Bytes())
		return nil
	}
	Send(c, status, htmlType, buffer.Bytes())
	return nil
}

const htmlType = "text/html; charset=utf-8"

// buffers are reused between pages; they hold nothing that outlives a request.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// giveBack keeps a buffer for the next page unless a page was so long that
// keeping its memory would be a waste.
func giveBack(buffer *bytes.Buffer) {
	if buffer.Cap() <= 256<<10 {
		buffers.Put(buffer)
	}
}
