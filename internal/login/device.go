package login

import "strings"

// UnknownDevice is what a device is called of which we know nothing.
const UnknownDevice = "A browser"

// Device says in words which device somebody uses, from what its browser calls
// itself: "Firefox on Windows". It is for recognising one's own, and proves
// nothing. What the browser wrote is not kept.
func Device(userAgent string) string {
	browser := named(userAgent, []pair{{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"}, {"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := named(userAgent, []pair{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Macintosh", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"}})
	switch {
	case browser == "" && system == "":
		return UnknownDevice
	case browser == "":
		return "A browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

type pair struct{ mark, name string }

// named gives the first name whose mark the text holds.
func named(text string, pairs []pair) string {
	for _, p := range pairs {
		if strings.Contains(text, p.mark) {
			return p.name
		}
	}
	return ""
}
