// Package templates holds the HTML of every page and letter. web/page and mail
// read it; nothing in a template decides anything.
package templates

import "embed"

// FS holds layout.html, a file for each page, the parts that pages share, and the
// letter.
//
//go:embed *.html part/*.html mail/*.html
var FS embed.FS
