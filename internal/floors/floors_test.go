package floors_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"kintsugi/internal/floors"
)

// The house as it stands agrees with its plan.
func TestEveryRoomKeepsToItsFloorAndItsWords(t *testing.T) {
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "internal", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := floors.ReadPlan(string(readme))
	if err != nil {
		t.Fatal(err)
	}
	house, err := floors.ReadHouse(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range floors.Check(plan, "kintsugi", house) {
		t.Error(complaint)
	}
}

// The table in the plan says of every room what it owns.
func TestEveryRoomOfThePlanIsDescribed(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := floors.ReadPlan(string(readme))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "| Room |")
	for room := range plan.Floor {
		if !strings.Contains(table, "`"+room+"`") {
			t.Errorf("the table of internal/README.md does not describe %s", room)
		}
	}
}

const plan = "```floors\n" +
	"3 web\n2 booking web/page pg/pgtest\n1 pg calendar mail\n0 fault\n" +
	"```\n```words\n" +
	"example.org/gin web/**\nexample.org/stripe payment\nhtml/template web/page mail\n" +
	"```\n"

// house is the smallest house that the plan above allows.
func house() fstest.MapFS {
	return fstest.MapFS{
		"internal/fault/fault.go":       file("fault"),
		"internal/pg/pg.go":             file("pg", "m/internal/fault"),
		"internal/pg/pg_test.go":        file("pg_test", "m/internal/pg", "m/internal/pg/pgtest", "m/internal/booking"),
		"internal/pg/pgtest/lend.go":    file("pgtest", "m/internal/pg"),
		"internal/mail/mail.go":         file("mail", "html/template"),
		"internal/calendar/calendar.go": file("calendar"),
		"internal/booking/book.go":      file("booking", "m/internal/pg", "context"),
		"internal/booking/book_test.go": file("booking_test", "m/internal/web/page", "example.org/gin"),
		"internal/web/page/page.go":     file("page", "m/internal/pg", "html/template"),
		"internal/web/web.go":           file("web", "m/internal/booking", "example.org/gin/binding"),
		"deploy/deploy_test.go":         file("deploy_test", "m/internal/pg"),
	}
}

func file(name string, imports ...string) *fstest.MapFile {
	source := "package " + name + "\n"
	for _, imported := range imports {
		source += "import _ \"" + imported + "\"\n"
	}
	return &fstest.MapFile{Data: []byte(source)}
}

func complaints(t *testing.T, planText string, files fstest.MapFS) []string {
	t.Helper()
	read, err := floors.ReadPlan(planText)
	if err != nil {
		t.Fatal(err)
	}
	rooms, err := floors.ReadHouse(files)
	if err != nil {
		t.Fatal(err)
	}
	return floors.Check(read, "m", rooms)
}

func TestAHouseThatKeepsToItsPlanIsSilent(t *testing.T) {
	if got := complaints(t, plan, house()); len(got) != 0 {
		t.Fatalf("complaints about a good house: %q", got)
	}
}

func TestEachWayOfBreakingThePlanIsSaid(t *testing.T) {
	for _, broken := range []struct {
		name string
		path string
		file *fstest.MapFile
		want string
	}{
		{"an upward import", "internal/pg/up.go", file("pg", "m/internal/booking"), "pg (floor 1) imports booking (floor 2): up the stairs"},
		{"a level import", "internal/mail/level.go", file("mail", "m/internal/calendar"), "mail imports calendar, both on floor 1"},
		{"an upward import for another system", "internal/pg/up_darwin.go", file("pg", "m/internal/booking"), "up the stairs"},
		{"a room without a floor", "internal/utils/utils.go", file("utils"), "utils is not in the plan"},
		{"a command without a floor", "cmd/other/main.go", file("main"), "cmd/other is not in the plan"},
		{"a word out of its room", "internal/booking/gin.go", file("booking", "example.org/gin"), "booking imports example.org/gin, a word of web/**"},
		{"a word whose room is not built", "internal/web/pay.go", file("web", "example.org/stripe/checkout"), "a word of payment"},
		{"a standard word out of its room", "internal/web/html.go", file("web", "html/template"), "a word of web/page, mail"},
		{"a test helper in the product", "internal/web/help.go", file("web", "m/internal/pg/pgtest"), "lent to tests only"},
		{"a test that reaches up to web", "internal/pg/web_test.go", file("pg_test", "m/internal/web"), "tests may import what lies below web"},
		{"a test of no room that reaches up to web", "deploy/web_test.go", file("deploy_test", "m/internal/web"), "tests may import what lies below web"},
	} {
		t.Run(broken.name, func(t *testing.T) {
			files := house()
			files[broken.path] = broken.file
			got := complaints(t, plan, files)
			if len(got) != 1 || !strings.Contains(got[0], broken.want) {
				t.Fatalf("complaints %q, want one with %q", got, broken.want)
			}
		})
	}
}

func TestAPlannedRoomThatDoesNotStandIsSaid(t *testing.T) {
	files := house()
	delete(files, "internal/calendar/calendar.go")
	got := complaints(t, plan, files)
	if len(got) != 1 || !strings.Contains(got[0], "the plan names calendar") {
		t.Fatalf("complaints %q", got)
	}
}

func TestAPlanThatCannotBeReadIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no floors":       "```words\nhtml/template web/page\n```\n",
		"no words":        "```floors\n0 fault\n```\n",
		"no number":       "```floors\nground fault\n```\n```words\nhtml/template web/page\n```\n",
		"a room twice":    "```floors\n1 pg\n0 pg\n```\n```words\nhtml/template web/page\n```\n",
		"an empty readme": "",
	} {
		if _, err := floors.ReadPlan(text); err == nil {
			t.Errorf("%s: the plan was accepted", name)
		}
	}
}
