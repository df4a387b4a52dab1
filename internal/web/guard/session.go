package guard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
)

// Sessions tells who asks, by the cookie of their session.
type Sessions struct {
	Login  *login.Service
	Origin config.Origin
	Refuse Refuse // how a request is refused that somebody may not make
}

// Visitor is somebody who is signed in.
type Visitor struct {
	Session login.SessionID
	Person  people.ID
	Coach   *people.Coach // role and place in the practice; nil for somebody who does not work here
	Client  bool          // a client of the practice
	Anew    bool          // a start over with their second proof is under way
	Moving  bool          // their address is about to change, or could not be
	Name    string
	Email   string
	Zone    string // the time zone they were last known in; may be empty
	Strong  bool   // both proofs were given
	Fresh   bool   // the second one within the last ten minutes
}

// lookedUp is where what a request's cookies open lies in the Gin context, so
// that a request asks the database once.
const lookedUp = "session"

type lookup struct {
	session login.Session
	found   bool
}

// Session reads the session of a request, one query for all who ask. Its error
// means that the database could not be asked.
func (s *Sessions) Session(c *gin.Context) (login.Session, bool, error) {
	if known, ok := c.Get(lookedUp); ok {
		l := known.(lookup)
		return l.session, l.found, nil
	}
	session, found, err := s.Login.Find(c.Request.Context(), s.Tokens(c)...)
	if err != nil {
		return login.Session{}, false, err
	}
	c.Set(lookedUp, lookup{session, found})
	return session, found, nil
}

// Who tells who asks, whether or not the second proof was given. While the
// database does not answer it is nobody.
func (s *Sessions) Who(c *gin.Context) (Visitor, bool) {
	session, found, err := s.Session(c)
	if err != nil || !found {
		return Visitor{}, false
	}
	return Visitor{Session: session.ID, Person: session.Person, Coach: session.Coach, Client: session.Client, Anew: session.Restoring, Moving: session.Moving,
		Name: session.Name, Email: session.Email, Zone: session.Timezone, Strong: session.Strong(), Fresh: session.Fresh(s.Login.Now())}, true
}

// RequireCoach lets those through who work here in one of the roles, or in any
// when none is named, and have given both proofs. Who is not signed in is led to
// do so and then back; who is and may not gets the answer of an address that
// does not exist. What comes behind is kept by no cache.
func (s *Sessions) RequireCoach(roles ...people.Role) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		c.Header("X-Robots-Tag", "noindex")
		session, found, err := s.Session(c)
		switch {
		case err != nil:
			s.Refuse(c, http.StatusInternalServerError, err)
		case !found:
			s.lead(c, "/sign-in")
		case !session.Strong():
			s.lead(c, "/sign-in/proof")
		case session.Coach == nil || len(roles) > 0 && !slices.Contains(roles, session.Coach.Role):
			s.Refuse(c, http.StatusNotFound, fault.New(fault.NotFound, "There is nothing at this address."))
		}
	}
}

// RequireClient lets clients through who have typed the code from their letter.
// That is enough for what is no secret between partners. Who is signed in and no
// client gets the answer of an address that does not exist.
func (s *Sessions) RequireClient() gin.HandlerFunc { return s.requireClient(false) }

// RequireStrongClient is RequireClient for what the partner must not see: the
// inbox is not enough, a second proof was given in this session.
func (s *Sessions) RequireStrongClient() gin.HandlerFunc { return s.requireClient(true) }

func (s *Sessions) requireClient(strong bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		c.Header("X-Robots-Tag", "noindex")
		session, found, err := s.Session(c)
		switch {
		case err != nil:
			s.Refuse(c, http.StatusInternalServerError, err)
		case !found:
			s.lead(c, "/sign-in")
		case !session.Client:
			s.Refuse(c, http.StatusNotFound, fault.New(fault.NotFound, "There is nothing at this address."))
		case strong && !session.Strong():
			s.lead(c, "/sign-in/proof")
		}
	}
}

// RequireSignedIn lets those through who have given both proofs, and clients who
// have no second one yet. It is for how somebody signs in: which devices they
// use, and when, is nothing for whoever holds their inbox.
func (s *Sessions) RequireSignedIn() gin.HandlerFunc {
	coach, open, strong := s.RequireCoach(), s.RequireClient(), s.RequireStrongClient()
	return func(c *gin.Context) {
		session, found, err := s.Session(c)
		if err != nil || !found || !session.Client {
			coach(c)
			return
		}
		has, err := s.Login.Proofs(c.Request.Context(), session.Person)
		switch {
		case err != nil:
			s.Refuse(c, http.StatusInternalServerError, err)
		case has.Any():
			strong(c)
		default:
			open(c)
		}
	}
}

// Client is who is signed in as a client, behind RequireClient; in front of it
// nobody.
func (s *Sessions) Client(c *gin.Context) Visitor {
	if who, found := s.Who(c); found && who.Client {
		return who
	}
	return Visitor{}
}

// Known reports whether somebody is signed in, as far as can be told: while the
// database does not answer, the door says so.
func (s *Sessions) Known(c *gin.Context) bool {
	_, found, err := s.Session(c)
	return found || err != nil
}

// Coach is who works at the desk, behind RequireCoach; in front of it nobody.
func (s *Sessions) Coach(c *gin.Context) people.Coach {
	if who, found := s.Who(c); found && who.Strong && who.Coach != nil {
		return *who.Coach
	}
	return people.Coach{}
}

// RequireFresh lets those through who gave their second proof within the last
// ten minutes, for changes that a moment at an open screen must not be enough
// for. It stands behind one of the others. Who has no second proof is led on to
// set one up.
func (s *Sessions) RequireFresh() gin.HandlerFunc {
	return func(c *gin.Context) {
		if who, found := s.Who(c); !found || !who.Fresh {
			s.lead(c, "/sign-in/proof")
		}
	}
}

// lead sends somebody to prove who they are, and says where they wanted to go.
func (s *Sessions) lead(c *gin.Context, to string) {
	c.Header("Location", to+"?"+url.Values{"next": {wanted(c, s.Origin)}}.Encode())
	c.AbortWithStatus(http.StatusSeeOther)
	c.Writer.WriteHeaderNow()
}

// wanted is the page somebody was on their way to. What they sent with a form is
// not kept; they come back to the page that it was on.
func wanted(c *gin.Context, origin config.Origin) string {
	if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return c.Request.URL.RequestURI()
	}
	from, err := url.Parse(c.Request.Referer())
	if err != nil || !ownHost(origin, from.Host) {
		return "/"
	}
	return from.RequestURI()
}

// LocalPath gives the path of our own that a text names, and otherwise what is
// given: nobody is led elsewhere by an address that looks like ours. Browsers
// take // and /\ for another host, and drop tabs and line ends on the way.
func LocalPath(text, otherwise string) string {
	if len(text) > 2000 || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") ||
		strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return otherwise
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return otherwise
	}
	return u.RequestURI()
}

// Tokens are the session tokens that a browser sends. It can be more than one,
// when somebody has planted another.
func (s *Sessions) Tokens(c *gin.Context) []string {
	var tokens []string
	for _, cookie := range c.Request.CookiesNamed(cookieName(s.Origin, sessionName)) {
		if cookie.Value != "" {
			tokens = append(tokens, cookie.Value)
		}
	}
	return tokens
}

// Begin gives the browser the token of its session.
func (s *Sessions) Begin(c *gin.Context, token string) {
	http.SetCookie(c.Writer, SessionCookie(s.Origin, token))
	c.Set(lookedUp, lookup{}) // what was looked up has a new token now
}

// End takes the token away again. Ending the session itself is login's.
func (s *Sessions) End(c *gin.Context) {
	http.SetCookie(c.Writer, Cookie(s.Origin, sessionName, "", -time.Second))
	c.Set(lookedUp, lookup{})
}

// leaveFor is how long leaving quickly waits for the database.
const leaveFor = time.Second

// Leave ends the session of whoever leaves quickly. Nothing keeps them: when the
// database does not answer at once, the browser forgets its token and the
// session ends by itself.
func (s *Sessions) Leave(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), leaveFor)
	defer cancel()
	if tokens := s.Tokens(c); len(tokens) > 0 {
		_ = s.Login.End(ctx, tokens...)
	}
	s.End(c)
	http.SetCookie(c.Writer, Cookie(s.Origin, AskedCookie, "", -time.Second))
}

// The names of cookies, before what https puts in front.
const (
	sessionName = "kintsugi"

	AskedCookie   = "kintsugi_code"    // binds a code to the browser that asked for it
	BrowserCookie = "kintsugi_browser" // a browser in which somebody has signed in before
)

// SessionCookie holds the token of a session. The browser forgets it when it is
// closed; how long it opens anything is the session's own affair.
func SessionCookie(origin config.Origin, token string) *http.Cookie {
	return Cookie(origin, sessionName, token, 0)
}

// Cookie is one of ours: out of reach of scripts and of other sites' forms, and
// on https bound to this very host. Without a life it ends with the browser,
// with a negative one at once.
func Cookie(origin config.Origin, name, value string, life time.Duration) *http.Cookie {
	cookie := &http.Cookie{
		Name: cookieName(origin, name), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: origin.Secure(), SameSite: http.SameSiteLaxMode,
	}
	if life < 0 {
		cookie.MaxAge = -1
	}
	return cookie
}

// CookieValue is what the browser sends for a cookie of ours; empty for none.
func CookieValue(c *gin.Context, origin config.Origin, name string) string {
	cookie, err := c.Request.Cookie(cookieName(origin, name))
	if err != nil {
		return ""
	}
	return cookie.Value
}

func cookieName(origin config.Origin, name string) string {
	if origin.Secure() {
		return "__Host-" + name
	}
	return name
}
