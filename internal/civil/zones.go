package civil

// Region is a part of the world with the zones offered in it.
type Region struct {
	Name  string
	Zones []string // names of the zone database, in the order in which they are offered
}

// Regions are the zones offered in a list to choose from. They cover every
// clock that many people live by; any other zone of the zone database may be
// named in an address all the same.
func Regions() []Region {
	return []Region{
		{"Europe", []string{
			"Europe/Amsterdam", "Europe/Athens", "Europe/Belgrade", "Europe/Berlin", "Europe/Brussels",
			"Europe/Bucharest", "Europe/Budapest", "Europe/Copenhagen", "Europe/Dublin", "Europe/Helsinki",
			"Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Moscow",
			"Europe/Oslo", "Europe/Paris", "Europe/Prague", "Atlantic/Reykjavik", "Europe/Rome", "Europe/Sofia",
			"Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich",
		}},
		{"Americas", []string{
			"America/Anchorage", "America/Bogota", "America/Argentina/Buenos_Aires", "America/Caracas",
			"America/Chicago", "America/Denver", "America/Halifax", "Pacific/Honolulu", "America/Lima",
			"America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Phoenix",
			"America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Toronto", "America/Vancouver",
		}},
		{"Africa and the Middle East", []string{
			"Asia/Beirut", "Africa/Cairo", "Africa/Casablanca", "Asia/Dubai", "Asia/Jerusalem",
			"Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "Asia/Riyadh", "Asia/Tehran",
		}},
		{"Asia", []string{
			"Asia/Bangkok", "Asia/Colombo", "Asia/Dhaka", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Karachi",
			"Asia/Kathmandu", "Asia/Kolkata", "Asia/Manila", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore",
			"Asia/Taipei", "Asia/Tashkent", "Asia/Tokyo",
		}},
		{"Australia and the Pacific", []string{
			"Australia/Adelaide", "Pacific/Auckland", "Australia/Brisbane", "Australia/Darwin", "Pacific/Fiji",
			"Australia/Lord_Howe", "Australia/Melbourne", "Australia/Perth", "Australia/Sydney",
		}},
		{"Everywhere", []string{"UTC"}},
	}
}

// spelled gives the name of a place whose name in the zone database is not how
// it is written today, or nothing.
func spelled(zone string) string {
	switch zone {
	case "America/Bogota":
		return "Bogotá"
	case "America/Sao_Paulo":
		return "São Paulo"
	case "America/St_Johns":
		return "St John’s"
	case "Asia/Calcutta":
		return "Kolkata"
	case "Asia/Katmandu":
		return "Kathmandu"
	case "Asia/Saigon":
		return "Ho Chi Minh City"
	case "Europe/Kiev":
		return "Kyiv"
	case "Europe/Zurich":
		return "Zürich"
	case "US/Eastern":
		return "New York"
	case "US/Central":
		return "Chicago"
	case "US/Mountain":
		return "Denver"
	case "US/Pacific":
		return "Los Angeles"
	}
	return ""
}
