package calendar

import (
	_ "embed"
	"strings"
)

// windowsNames lists the names that Windows, Exchange and Outlook have for time
// zones, each with a name of the zone database: the default territory ("001")
// of Unicode's windowsZones.
//
//go:embed windows.txt
var windowsNames string

// windowsZone gives the name in the zone database of a zone that Windows names.
// It is asked once for each zone of a file.
func windowsZone(name string) (string, bool) {
	if name == "tzone://Microsoft/Utc" || name == "Coordinated Universal Time" {
		return "UTC", true
	}
	for line := range strings.Lines(windowsNames) {
		if windows, zone, _ := strings.Cut(strings.TrimSpace(line), "|"); strings.EqualFold(windows, name) {
			return zone, true
		}
	}
	return "", false
}
