package practice

// DefaultHelp is whom to turn to in danger or despair, by country. These are
// national lines that have had the same number for years; a practice should
// look them over and put its own in their place.
func DefaultHelp() HelpLines {
	return HelpLines{
		{"GB", "Emergency services", "999", "", "If you are in danger now. If you cannot speak, press 55 when asked on a mobile phone."},
		{"GB", "National Domestic Abuse Helpline (Refuge)", "0808 2000 247", "https://www.nationaldahelpline.org.uk", "Free, for women, at any hour."},
		{"GB", "Men’s Advice Line", "0808 801 0327", "https://mensadviceline.org.uk", "Free, for men who live with domestic abuse."},
		{"GB", "Samaritans", "116 123", "https://www.samaritans.org", "Free, for anyone in despair, at any hour."},
		{"IE", "Emergency services", "112", "", "If you are in danger now."},
		{"IE", "Women’s Aid", "1800 341 900", "https://www.womensaid.ie", "Free, at any hour."},
		{"IE", "Samaritans", "116 123", "https://www.samaritans.org/ireland", "Free, for anyone in despair, at any hour."},
		{"US", "Emergency services", "911", "", "If you are in danger now."},
		{"US", "National Domestic Violence Hotline", "1-800-799-7233", "https://www.thehotline.org", "Free, for anyone, at any hour."},
		{"US", "988 Suicide & Crisis Lifeline", "988", "https://988lifeline.org", "Call or text, at any hour."},
		{"CA", "Emergency services", "911", "", "If you are in danger now."},
		{"CA", "Shelters near you", "", "https://sheltersafe.ca", "A map of women’s shelters and their telephone numbers."},
		{"CA", "9-8-8 Suicide Crisis Helpline", "988", "https://988.ca", "Call or text, at any hour."},
		{"AU", "Emergency services", "000", "", "If you are in danger now."},
		{"AU", "1800RESPECT", "1800 737 732", "https://www.1800respect.org.au", "Domestic, family and sexual violence, at any hour."},
		{"AU", "Lifeline", "13 11 14", "https://www.lifeline.org.au", "For anyone in despair, at any hour."},
		{"NZ", "Emergency services", "111", "", "If you are in danger now."},
		{"NZ", "Women’s Refuge", "0800 733 843", "https://womensrefuge.org.nz", "Free, at any hour."},
		{"NZ", "Need to talk", "1737", "https://1737.org.nz", "Call or text, at any hour."},
		{"DE", "Notruf", "110", "", "Wenn Sie jetzt in Gefahr sind."},
		{"DE", "Hilfetelefon Gewalt gegen Frauen", "116 016", "https://www.hilfetelefon.de", "Kostenlos, rund um die Uhr, in vielen Sprachen."},
		{"DE", "Hilfetelefon Gewalt an Männern", "0800 123 99 00", "https://www.maennerhilfetelefon.de", "Kostenlos."},
		{"DE", "TelefonSeelsorge", "0800 111 0 111", "https://www.telefonseelsorge.de", "Kostenlos, rund um die Uhr."},
		{"AT", "Notruf", "133", "", "Wenn Sie jetzt in Gefahr sind."},
		{"AT", "Frauenhelpline", "0800 222 555", "https://www.frauenhelpline.at", "Kostenlos, rund um die Uhr."},
		{"AT", "Telefonseelsorge", "142", "https://www.telefonseelsorge.at", "Rund um die Uhr."},
		{"CH", "Notruf", "117", "", "Wenn Sie jetzt in Gefahr sind."},
		{"CH", "Die Dargebotene Hand", "143", "https://www.143.ch", "Rund um die Uhr, auch La Main Tendue und Telefono Amico."},
		{"FR", "Urgences", "112", "", "Si vous êtes en danger maintenant. Par SMS : 114."},
		{"FR", "Violences Femmes Info", "3919", "https://solidaritefemmes.org", "Gratuit, à toute heure."},
		{"FR", "Numéro national de prévention du suicide", "3114", "https://3114.fr", "Gratuit, à toute heure."},
		{"ES", "Emergencias", "112", "", "Si está en peligro ahora."},
		{"ES", "Violencia de género", "016", "https://violenciagenero.igualdad.gob.es", "Gratuito, a cualquier hora."},
		{"ES", "Atención a la conducta suicida", "024", "", "Gratuito, a cualquier hora."},
		{"IT", "Emergenza", "112", "", "Se è in pericolo adesso."},
		{"IT", "Numero antiviolenza e stalking", "1522", "https://www.1522.eu", "Gratuito, a qualsiasi ora."},
		{"NL", "Alarmnummer", "112", "", "Als u nu in gevaar bent."},
		{"NL", "Veilig Thuis", "0800 2000", "https://veiligthuis.nl", "Gratis, op elk uur."},
		{"NL", "113 Zelfmoordpreventie", "113", "https://www.113.nl", "Op elk uur."},
	}
}
