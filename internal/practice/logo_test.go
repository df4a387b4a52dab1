package practice_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

// disc is a round mark on nothing.
func disc(size int, c color.Color) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			if dx, dy := x-size/2, y-size/2; dx*dx+dy*dy < size*size/4 {
				picture.Set(x, y, c)
			}
		}
	}
	return picture
}

func asPNG(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asJPEG(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// chunk is a piece of a PNG file.
func chunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// claiming is a PNG of a few bytes that says that it is huge.
func claiming(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	return append(append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0))...), chunk("IDAT", []byte("x"))...)
}

func TestALogoIsDrawnAgainAndNothingElseOfTheFileIsKept(t *testing.T) {
	teal := color.NRGBA{0x2b, 0x5a, 0x4d, 255}
	plain := asPNG(t, disc(64, teal))
	// A place, a word and a script: inside the file, and behind its end.
	secret := append(append(bytes.Clone(plain[:33]), chunk("tEXt", []byte("Comment\x00GPS 51.5 <script>alert(1)</script>"))...), plain[33:]...)
	secret = append(secret, "PK\x03\x04<script>alert(2)</script>"...)
	photo := asJPEG(t, disc(64, teal))
	exif := append(append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 22}, "Exif\x00\x00GPS 51.5 0.12W"[:20]...), photo[2:]...)
	for name, file := range map[string][]byte{"plain": plain, "polyglot": secret, "photo": photo, "photo with a place": exif} {
		logo, err := practice.ReadLogo(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if logo.Width != 64 || logo.Height != 64 || len(logo.Hash) != 24 {
			t.Errorf("%s: %+v", name, logo.LogoMark)
		}
		for _, word := range []string{"GPS", "script", "tEXt", "Exif", "PK"} {
			if bytes.Contains(logo.PNG, []byte(word)) {
				t.Errorf("%s keeps %s", name, word)
			}
		}
		drawn, err := png.Decode(bytes.NewReader(logo.PNG))
		if err != nil || drawn.Bounds().Dx() != 64 {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, _ := practice.ReadLogo(plain)
	b, _ := practice.ReadLogo(secret)
	if a.Hash != b.Hash {
		t.Error("the same picture has two names")
	}
}

func TestALargeLogoIsMadeToFit(t *testing.T) {
	for _, row := range []struct{ w, h, wantW, wantH int }{{1024, 1024, 88, 88}, {1024, 256, 352, 88}, {1024, 16, 360, 5}, {16, 1024, 1, 88}, {360, 88, 360, 88}, {16, 16, 16, 16}} {
		picture := image.NewNRGBA(image.Rect(3, 5, 3+row.w, 5+row.h))
		for i := range picture.Pix {
			picture.Pix[i] = 200
		}
		logo, err := practice.ReadLogo(asPNG(t, picture))
		if err != nil || logo.Width != row.wantW || logo.Height != row.wantH {
			t.Errorf("%d × %d: %+v, %v", row.w, row.h, logo.LogoMark, err)
		}
	}
}

func TestWhatIsNoLogoIsRefusedBeforeItCostsAnything(t *testing.T) {
	whole := asPNG(t, disc(200, color.Black))
	noise := image.NewNRGBA(image.Rect(0, 0, 150, 150))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.Uint32())
	}
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	rows := map[string]struct {
		file []byte
		say  string
	}{
		"an SVG":            {svg, "neither a PNG nor a JPEG"},
		"a GIF":             {[]byte("GIF89a\x01\x00\x01\x00"), "neither"},
		"a page":            {[]byte("<!doctype html>"), "neither"},
		"nothing":           {nil, "neither"},
		"a bomb":            {claiming(1<<30, 1<<30), "cannot be read|from 16 to 1024"},
		"a wide bomb":       {claiming(100_000, 20), "from 16 to 1024"},
		"too high":          {claiming(20, 1025), "from 16 to 1024"},
		"a dot":             {asPNG(t, disc(15, color.Black)), "from 16 to 1024"},
		"a broken one":      {claiming(100, 100), "cannot be read"},
		"half of one":       {whole[:len(whole)/2], "cannot be read"},
		"its first bytes":   {whole[:8], "cannot be read"},
		"half a photo":      {asJPEG(t, noise)[:600], "cannot be read"},
		"an SVG as a photo": {append([]byte("\xff\xd8\xff"), svg...), "cannot be read"},
		"nothing to see":    {asPNG(t, image.NewNRGBA(image.Rect(0, 0, 64, 64))), "nothing to see"},
		"60 KB":             {asPNG(t, noise), "up to 50 KB"},
	}
	if len(rows["60 KB"].file) < 60_000 {
		t.Fatal(len(rows["60 KB"].file))
	}
	for name, row := range rows {
		_, err := practice.ReadLogo(row.file)
		said := fault.As(err)
		if said == nil || said.Kind != fault.Invalid || len(said.Fields) != 1 || said.Fields[0].Name != "logo" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		fits := false
		for _, part := range strings.Split(row.say, "|") {
			fits = fits || strings.Contains(said.Fields[0].Say, part)
		}
		if !fits {
			t.Errorf("%s: %s", name, said.Fields[0].Say)
		}
	}
}

func TestALogoThatCannotBeSeenBringsAGroundAlong(t *testing.T) {
	for want, pictures := range map[string][]image.Image{
		"light": {disc(64, color.NRGBA{0x1d, 0x44, 0x39, 255})},
		"dark":  {disc(64, color.White)},
		"":      {disc(64, color.NRGBA{0x80, 0x80, 0x80, 255})},
	} {
		for _, picture := range pictures {
			if logo, err := practice.ReadLogo(asPNG(t, picture)); err != nil || logo.Plate != want {
				t.Errorf("%q, want %q, %v", logo.Plate, want, err)
			}
		}
	}
	// A photograph has no holes to look through.
	if logo, err := practice.ReadLogo(asJPEG(t, disc(64, color.White))); err != nil || logo.Plate != "" {
		t.Error(logo.Plate, err)
	}
}

func FuzzALogoIsReadOrRefused(f *testing.F) {
	f.Add(asPNG(f, disc(32, color.Black)))
	f.Add(asJPEG(f, disc(32, color.Black)))
	f.Add(claiming(1<<31-1, 1))
	f.Fuzz(func(t *testing.T, file []byte) {
		logo, err := practice.ReadLogo(file)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		if again, err := practice.ReadLogo(logo.PNG); len(logo.PNG) <= practice.LargestLogo && logo.Width >= 16 && logo.Height >= 16 && (err != nil || again.Width != logo.Width) {
			t.Fatal("what we drew is refused", err)
		}
	})
}

func TestOnlyTheLogoInUseIsKeptAndAnotherActLeavesItAlone(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	first, err := practice.ReadLogo(asPNG(t, disc(64, color.Black)))
	if err != nil {
		t.Fatal(err)
	}
	second, err := practice.ReadLogo(asPNG(t, disc(64, color.White)))
	if err != nil {
		t.Fatal(err)
	}
	second.Discreet = true
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error {
		if err := practice.Save(ctx, tx, common(), clock()); err != nil {
			return err
		}
		if err := practice.SaveLogo(ctx, tx, first, clock()); err != nil {
			return err
		}
		if err := practice.SaveLogo(ctx, tx, second, clock()); err != nil {
			return err
		}
		return practice.Save(ctx, tx, common(), clock())
	})
	basics, err := practice.LoadBasics(ctx, db)
	if err != nil || basics.Logo != second.LogoMark || basics.Logo.Plate != "dark" {
		t.Errorf("%+v, %v", basics.Logo, err)
	}
	if body, err := practice.FindLogo(ctx, db, second.Hash); err != nil || !bytes.Equal(body, second.PNG) {
		t.Error(len(body), err)
	}
	if _, err := practice.FindLogo(ctx, db, first.Hash); fault.KindOf(err) != fault.NotFound {
		t.Error("the one before is still there", err)
	}
	inTx(t, db, func(ctx context.Context, tx *pg.Tx) error { return practice.MarkLogo(ctx, tx, practice.LogoMark{}) })
	if basics, err = practice.LoadBasics(ctx, db); err != nil || basics.Logo != (practice.LogoMark{}) {
		t.Error(basics.Logo, err)
	}
	if _, err := practice.FindLogo(ctx, db, second.Hash); fault.KindOf(err) != fault.NotFound {
		t.Error("it is still there", err)
	}
}
