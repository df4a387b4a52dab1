package practice

// LaneSay says to who writes a form where its answers go.
func LaneSay(lane string) string {
	switch lane {
	case Joint:
		return "Both partners and their coach read the answers."
	case Safety:
		return "Each person answers alone, before anything is signed; only they and their coach read it, and no partner is told."
	}
	return "Each person answers alone; only they and their coach read it."
}

// WhoReads says to who answers who will be able to read it.
func WhoReads(lane string) string {
	switch lane {
	case Joint:
		return "Both of you and your coach will be able to read this."
	case Safety:
		return "Only you and your coach will be able to read this. Nobody else is told that you were asked."
	}
	return "Only you and your coach will be able to read this."
}

// SendSay says when a form is sent.
func SendSay(sendOn string) string {
	switch sendOn {
	case FirstBooking:
		return "Sent by itself when somebody books for the first time."
	case FirstPurchase:
		return "Sent by itself when somebody buys sessions for the first time."
	}
	return "Sent when a coach sends it."
}
