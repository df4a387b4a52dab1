package setup

import (
	"embed"
	"fmt"
	"sync"

	"kintsugi/internal/practice"
)

// ReadyForm is a form that the program brings along, to begin with.
type ReadyForm struct {
	practice.Form
	What string // when it is of use
}

//go:embed ready/*.yaml
var readyFiles embed.FS

// ReadyForms are the forms to begin with, in the order in which most practices
// come to need them. The files are practice files as anybody could write them.
var ReadyForms = sync.OnceValue(func() []ReadyForm {
	var all []ReadyForm
	for _, ready := range []struct{ slug, what string }{
		{"before-we-start", "Asks what brings somebody, what they hope for and what to be careful with, before the first session."},
		{"feeling-safe", "Asks each of the two, unseen by the other, whether they are free and safe. Nothing of it is counted up."},
		{"working-together", "The agreement that each person reads and signs for themselves."},
		{"your-own-view", "Asks both partners the same, each alone: what still holds, what is hard, where they stand."},
		{"how-the-week-was", "Six sentences about the last seven days, counted up for the coach, and two open questions."},
	} {
		name := "ready/" + ready.slug + ".yaml"
		text, err := readyFiles.ReadFile(name)
		if err != nil {
			panic(err) // an embedded file cannot be unreadable
		}
		file, err := Parse(name, text)
		if err != nil {
			panic(err) // held by a test
		}
		form := file.onto(state{}).forms[0]
		if form.Slug != ready.slug {
			panic(fmt.Sprintf("%s holds the form %s", name, form.Slug))
		}
		all = append(all, ReadyForm{form, ready.what})
	}
	return all
})
