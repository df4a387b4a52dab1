package practice

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"kintsugi/internal/colour"
	"kintsugi/internal/fault"
)

// LogoMark is what a page needs to know of the practice's logo. The zero value
// means that there is none.
type LogoMark struct {
	Hash     string `json:"hash"` // of the picture as it is sent
	Width    int    `json:"width"`
	Height   int    `json:"height"`
	Plate    string `json:"plate,omitempty"`    // the ground it must bring to be seen: "light", "dark" or none
	Discreet bool   `json:"discreet,omitempty"` // it gives nothing away, so discreet pages show it too
}

// Logo is a logo with its picture, a PNG that we have drawn ourselves.
type Logo struct {
	LogoMark
	PNG []byte
}

// Bounds of a logo: what is taken, and the size in which it is kept, which is
// twice that of the masthead.
const (
	LargestLogo = 50 << 10 // bytes of the file
	logoMost    = 1024     // pixels of either side of the file
	logoLeast   = 16
	logoWide    = 360
	logoHigh    = 88
)

// ReadLogo draws a PNG or JPEG again, so that nothing of the file but its
// pixels is kept: no place where a photograph was taken, no second file hidden
// behind the first. What kind it is, is read from its content, and how large it
// is before it is unpacked, since a few bytes can claim a picture of gigabytes.
func ReadLogo(file []byte) (Logo, error) {
	refuse := func(say string) (Logo, error) { return Logo{}, fault.InvalidField("logo", say) }
	if len(file) > LargestLogo {
		return refuse("This file is too large. A logo may have up to 50 KB; save it smaller and choose it again.")
	}
	decode, config := png.Decode, png.DecodeConfig
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
		decode, config = jpeg.Decode, jpeg.DecodeConfig
	default:
		return refuse("This is neither a PNG nor a JPEG. Save the logo as one of them and choose it again.")
	}
	const broken = "This picture cannot be read. Save it again as a PNG and choose it again."
	size, err := config(bytes.NewReader(file))
	if err != nil {
		return refuse(broken)
	}
	if size.Width > logoMost || size.Height > logoMost || size.Width < logoLeast || size.Height < logoLeast {
		return refuse("A logo may be from 16 to 1024 pixels wide and high. Save it in such a size and choose it again.")
	}
	picture, err := decode(bytes.NewReader(file))
	if err != nil {
		return refuse(broken)
	}
	drawn := smaller(picture, logoWide, logoHigh)
	plate, visible := plateFor(drawn)
	if !visible {
		return refuse("There is nothing to see in this picture: all of it is transparent. Choose another.")
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, drawn); err != nil {
		return Logo{}, err
	}
	sum := sha256.Sum256(out.Bytes())
	at := drawn.Bounds()
	return Logo{LogoMark{Hash: hex.EncodeToString(sum[:12]), Width: at.Dx(), Height: at.Dy(), Plate: plate}, out.Bytes()}, nil
}

// smaller draws a picture so that it fits, each point the mean of those it
// stands for. A picture that fits is copied.
func smaller(picture image.Image, wide, high int) *image.NRGBA {
	from := picture.Bounds()
	w, h := from.Dx(), from.Dy()
	if w > wide {
		w, h = wide, max(1, h*wide/w)
	}
	if h > high {
		w, h = max(1, w*high/h), high
	}
	drawn := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		top, bottom := from.Min.Y+y*from.Dy()/h, from.Min.Y+(y+1)*from.Dy()/h
		for x := range w {
			left, right := from.Min.X+x*from.Dx()/w, from.Min.X+(x+1)*from.Dx()/w
			drawn.Set(x, y, mean(picture, image.Rect(left, top, right, bottom)))
		}
	}
	return drawn
}

// mean is the colour of a part of a picture seen from afar.
func mean(picture image.Image, part image.Rectangle) color.Color {
	var r, g, b, a, n uint64
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			pr, pg, pb, pa := picture.At(x, y).RGBA()
			r, g, b, a, n = r+uint64(pr), g+uint64(pg), b+uint64(pb), a+uint64(pa), n+1
		}
	}
	return color.RGBA64{R: uint16(r / n), G: uint16(g / n), B: uint16(b / n), A: uint16(a / n)}
}

// plateFor tells which ground a picture must bring along, because hardly any of
// it stands out from ours (WCAG 2.2, 1.4.11: 3 to 1). A picture without holes
// brings its own. Every colour stands out from light pages or from dark ones.
func plateFor(drawn *image.NRGBA) (plate string, visible bool) {
	const stands = 3
	var all, onLight, onDark, holes int
	light, dark := colour.Light.Grounds().Ground, colour.Dark.Grounds().Ground
	for i := 0; i < len(drawn.Pix); i += 4 {
		p := drawn.Pix[i : i+4]
		weight := int(p[3])
		if weight < 128 {
			holes++
		}
		c := colour.Colour{R: p[0], G: p[1], B: p[2]}
		all += weight
		if colour.Contrast(c, light) >= stands {
			onLight += weight
		}
		if colour.Contrast(c, dark) >= stands {
			onDark += weight
		}
	}
	switch {
	case all == 0:
		return "", false
	case holes == 0:
		return "", true
	case onDark*4 < all:
		return "light", true
	case onLight*4 < all:
		return "dark", true
	}
	return "", true
}
