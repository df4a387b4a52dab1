package page

import (
	"bytes"
	"fmt"
)

// Paper draws the page's content as a document that stands by itself, without
// layout, script or anything to load, to be kept or handed over as a file.
func (v View[T]) Paper(title string, model T) ([]byte, error) {
	var out bytes.Buffer
	if err := v.tree().ExecuteTemplate(&out, "paper", sheet{Frame: Frame{Title: title}, Page: model}); err != nil {
		return nil, fmt.Errorf("paper %s: %w", v.file, err)
	}
	return out.Bytes(), nil
}
