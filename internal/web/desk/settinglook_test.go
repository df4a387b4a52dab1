package desk_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/practice"
)

// drawing is a PNG of a size, in one colour, or of noise where that is nil.
func drawing(t *testing.T, size int, c color.Color) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(random.Uint32())
	}
	if c != nil {
		for x := range size {
			for y := range size {
				picture.Set(x, y, c)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// upload sends the form of the logo as a browser does.
func (o *backroom) upload(file []byte, fields ...string) spoken {
	o.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		o.must(form.WriteField(fields[i], fields[i+1]))
	}
	part, err := form.CreateFormFile("logo", "../../logo of Sam.png")
	o.must(err)
	_, err = part.Write(file)
	o.must(err)
	o.must(form.Close())
	r := httptest.NewRequest("POST", "/desk/settings/look/logo", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	o.http.ServeHTTP(w, r)
	return spoken{o.t, w.Code, w.Header(), w.Body.String()}
}

func (o *backroom) basics() practice.Basics {
	o.t.Helper()
	b, err := practice.LoadBasics(o.ctx, o.db)
	o.must(err)
	return b
}

func TestTheOwnerChoosesAColourAndSeesItFirst(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/settings/look").is(200).says("our own colours", "On dark pages", "Words on buttons", "4.5 : 1").hides("/theme/")
	form := url.Values{"colour": {"7A2E5D"}, "colour_dark": {""}, "act": {"preview"}}
	o.post("/desk/settings/look", form).is(200).says("They are not saved yet.").holds(`fill="#7a2e5d"`, `value="#7a2e5d"`).hides("/theme/")
	form.Del("act")
	form.Set("op", strings.Repeat("a", 30))
	for range 2 {
		o.post("/desk/settings/look", form).is(303)
	}
	page := o.get("/desk/settings/look").is(200).says("These are your colours.").holds(`<link rel="stylesheet" href="/theme/7a2e5d-`)
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "style-src 'self';") || strings.Contains(page.body, "style=") || strings.Contains(page.body, "<style") {
		t.Error(policy)
	}
	if n := o.count(`select count(*) from audit where act = 'colours changed' and detail::text like '%#7a2e5d%'`); n != 1 {
		t.Errorf("%d lines", n)
	}
	o.post("/desk/settings/look", url.Values{"colour": {""}, "colour_dark": {""}}).is(303)
	if b := o.basics(); b.Colour != "" || b.ColourDark != "" {
		t.Errorf("%+v", b)
	}
}

func TestAColourThatCannotBeReadIsRefusedWithOneThatCan(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	for _, row := range []struct{ colour, dark, at, say string }{
		{"#ffff00", "", "colour", "#ffff00 is too faint on light pages: the contrast there is 1.0 : 1 at the least, and words need 4.5 : 1; the nearest shade that passes is #6b6b00."},
		{"#777777", "", "colour", "the nearest shade that passes is #676767."},
		{"#2b5a4d", "#2b5a4d", "colour_dark", "too faint on dark pages"},
		{"", "#9fcdb9", "colour", "Choose this colour too"},
		{"#777", "", "colour", "Write a colour as # and six digits"},
		{`"><script>alert(1)</script>`, "", "colour", "Write a colour as"},
	} {
		for _, act := range []string{"", "preview"} {
			page := o.post("/desk/settings/look", url.Values{"colour": {row.colour}, "colour_dark": {row.dark}, "act": {act}}).is(422).says(row.say)
			page.holds(`id="`+row.at+`-problem"`, `aria-describedby="`+row.at+`-hint `+row.at+`-problem"`)
			if strings.Contains(page.body, "<script>alert") {
				t.Error("what was typed became markup")
			}
		}
	}
	if b := o.basics(); b.Colour != "" {
		t.Error(b.Colour)
	}
}

func TestTheOwnerPutsTheirLogoInPlaceOfTheBowlAndTakesItAway(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/settings/look").is(200).says("There is none yet.").hides("Take the logo away")
	o.upload(drawing(t, 200, color.Black), "op", strings.Repeat("a", 30)).is(303)
	mark := o.basics().Logo
	if mark.Hash == "" || mark.Height != 88 || mark.Discreet {
		t.Fatalf("%+v", mark)
	}
	o.get("/desk/settings/look").is(200).holds(`src="/logo/`+mark.Hash+`.png"`, `alt="Common Ground Coaching"`, `alt="The logo of Common Ground Coaching"`).hides(`class="bowl"`, "Sam")
	// The same form once more, after a double click, is the same act.
	o.upload(drawing(t, 200, color.Black), "op", strings.Repeat("a", 30)).is(303)
	// Without a file it is about the words beside it.
	o.upload(nil, "discreet", "yes").is(303)
	if now := o.basics().Logo; !now.Discreet || now.Hash != mark.Hash {
		t.Errorf("%+v", now)
	}
	o.upload(drawing(t, 200, color.White)).is(303)
	if now := o.basics().Logo; now.Discreet || now.Hash == mark.Hash {
		t.Errorf("%+v", now)
	}
	if n := o.count(`select count(*) from logo`); n != 1 {
		t.Errorf("%d pictures are kept", n)
	}
	o.post("/desk/settings/look/logo", url.Values{"act": {"remove"}}).is(303)
	if o.basics().Logo.Hash != "" || o.count(`select count(*) from logo`) != 0 {
		t.Error("it is still there")
	}
	o.post("/desk/settings/look/logo", url.Values{}).is(422).says("Choose a picture first.")
	if changed, away := o.count(`select count(*) from audit where act = 'logo changed'`), o.count(`select count(*) from audit where act = 'logo taken away' and detail::text like '%none%'`); changed != 3 || away != 1 {
		t.Errorf("%d and %d lines", changed, away)
	}
	o.get("/desk/audit").is(200).says("logo taken away")
}

func TestWhatIsNoLogoLeavesTheOneThereIs(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.upload(drawing(t, 64, color.Black)).is(303)
	before := o.basics().Logo
	for say, file := range map[string][]byte{
		"neither a PNG nor a JPEG": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"up to 50 KB":              drawing(t, 125, nil),
		"from 16 to 1024 pixels":   drawing(t, 8, color.Black),
		"cannot be read":           drawing(t, 64, color.Black)[:90],
	} {
		o.upload(file).is(422).says(say).holds(`id="logo-problem"`, `src="/logo/`+before.Hash)
	}
	if now := o.basics().Logo; now != before {
		t.Errorf("%+v", now)
	}
}
