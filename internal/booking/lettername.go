package booking

import "strings"

// LetterSay names a kind of letter of this room to somebody of the practice.
func LetterSay(kind string) string {
	switch name := strings.TrimSuffix(kind, "-coach"); name {
	case letterConfirmed:
		return "Confirmation"
	case letterRequested:
		return "Request received"
	case letterAccepted:
		return "Request accepted"
	case letterDeclined:
		return "Request declined"
	case letterExpired:
		return "Request ran out"
	case letterMoved:
		return "New hour"
	case letterAsked:
		return "Request to move"
	case letterCancelled:
		return "Cancellation"
	default:
		if strings.HasPrefix(name, "call-reminder") {
			return "Reminder"
		}
		return "Letter"
	}
}
