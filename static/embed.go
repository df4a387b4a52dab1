// Package static holds the files that browsers keep: the style sheet, two
// small scripts, the mark. Everything a page loads is in here; nothing comes
// from another host.
package static

import "embed"

// FS holds the files below css, js and img.
//
//go:embed css js img
var FS embed.FS
