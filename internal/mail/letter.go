// Package mail writes letters and hands them to a mail server.
//
// A letter is a consequence of an act, never a condition: Post queues it in
// the act's transaction and names its Message-ID for good; the Postman asks its
// Composer for the words just before sending, so that what is no longer true is
// not sent; the talk with the mail server happens outside any transaction. A
// server that is down loses nothing. What cannot be delivered is kept for the
// coach to see.
//
// The table holds no address, no name and no word of any letter. The room
// knows people and bookings only by their ids and decides nothing about them.
package mail

// Address is a mailbox with the name that is shown for it.
type Address struct {
	Name  string
	Email string
}

// Letter is what a letter says, as data. It becomes a plain text and an HTML
// part that say the same. Every string is taken as text, never as markup.
type Letter struct {
	Lang       string   // BCP 47; empty means English
	Subject    string   // neutral: the partner may see it on a locked screen
	Preheader  string   // the line that mail programs show after the subject
	Greeting   string   // "Hello Ana,"
	Paragraphs []string // before the facts
	Facts      []Fact
	Actions    []Action // the first is the main one
	Closing    []string // after the acts
	Footer     []string // small: why this letter came, who sends it
	Calendar   *Calendar
}

// Fact is one line of what the letter is about, such as When and Where.
type Fact struct {
	Label string
	Value string // may have several lines
	URL   string // when set, the value leads there; the same kinds as an Action's
}

// Action is a link that the reader can follow. URL is http, https or mailto;
// anything else is left out of the letter.
type Action struct {
	Words string
	URL   string
}

// Calendar is an invitation that travels with the letter.
type Calendar struct {
	Method string // REQUEST, CANCEL or PUBLISH; must be the METHOD inside Body
	Body   []byte // the iCalendar text
}

// Composed is a letter ready to leave.
type Composed struct {
	From    Address // the discreet name; the address yields to MAIL_FROM where that is set
	ReplyTo Address // where answers go; an empty address means From
	To      Address
	Letter  Letter

	// Elsewhere says that To is not the person's own address: when a server
	// refuses it, nothing is known about theirs.
	Elsewhere bool
}
