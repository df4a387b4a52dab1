package desk

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var settingHelpView = page.Define[settingHelpPage]("desk-settings-help.html")

// settingHelpPage is the list of whom to turn to in danger.
type settingHelpPage struct {
	Tabs     []page.MenuItem
	Problems page.Problems
	Usual    bool // the list that comes with the program is in use
	Lines    []settingHelpLine
}

type settingHelpLine struct {
	ID, Say string
	Open    bool
	Fields  []deskField
}

// emptyHelpLines are offered at the end of the form to add more.
const emptyHelpLines = 2

// settingHelp shows the list: GET /desk/settings/help.
func (d *Desk) settingHelp(c *gin.Context) error {
	p, err := practice.Own(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	return d.drawSettingHelp(c, http.StatusOK, p.Filled().Help, p.Help == nil, nil)
}

func (d *Desk) drawSettingHelp(c *gin.Context, status int, lines practice.HelpLines, usual bool, problems page.Problems) error {
	frame, _, err := d.frame(c, "Help resources", "settings")
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	model := settingHelpPage{Tabs: settingTabs("settings/help"), Problems: problems, Usual: usual}
	for i := range len(lines) + emptyHelpLines {
		line := practice.HelpLine{}
		row := settingHelpLine{ID: helpField("line", i), Say: "Add one"}
		if i < len(lines) {
			line = lines[i]
			row.Say = strings.TrimPrefix(line.Country+": "+line.Name, ": ")
		}
		row.Fields = withProblems([]deskField{
			{Name: helpField("country", i), Label: "Country", Value: line.Country, Hint: "Two capital letters, such as GB."},
			{Name: helpField("name", i), Label: "Name", Value: line.Name},
			{Name: helpField("phone", i), Label: "Telephone", Value: line.Phone, Optional: true},
			{Name: helpField("url", i), Label: "Web address", Kind: "url", Value: line.URL, Optional: true},
			{Name: helpField("note", i), Label: "For whom, when", Value: line.Note, Optional: true},
		}, problems)
		for _, f := range row.Fields {
			row.Open = row.Open || f.Problem != ""
		}
		model.Lines = append(model.Lines, row)
	}
	return settingHelpView.Render(c, status, frame, model)
}

func helpField(name string, i int) string { return fmt.Sprintf("%s-%d", name, i) }

// saveSettingHelp takes the list, or goes back to the program's own: POST
// /desk/settings/help. A line whose fields are all empty is taken out.
func (d *Desk) saveSettingHelp(c *gin.Context) error {
	in := typed{c: c}
	usual := c.PostForm("act") == "usual"
	lines := practice.HelpLines{}
	for i := range 500 {
		if _, there := c.GetPostForm(helpField("name", i)); !there {
			break
		}
		line := practice.HelpLine{Country: strings.ToUpper(in.text(helpField("country", i))), Name: in.text(helpField("name", i)),
			Phone: in.text(helpField("phone", i)), URL: in.text(helpField("url", i)), Note: in.text(helpField("note", i))}
		if line != (practice.HelpLine{}) {
			lines = append(lines, line)
		}
	}
	err := d.setUp(c, doing{Act: "help resources changed", Part: func(*pg.Tx) (any, error) {
		if usual {
			return map[string]any{"practice": map[string]any{"help": nil}}, nil
		}
		return map[string]any{"practice": map[string]any{"help": helpFile(lines)}}, nil
	}})
	if err == nil {
		return doneAt(c, "/desk/settings/help", "kept")
	}
	problems, err := mended(err, helpField("name", 0), helpInput)
	if err != nil {
		return err
	}
	return d.drawSettingHelp(c, statusMend, lines, false, problems)
}

// helpFile writes the lines as the practice file does, where a field that says
// nothing is left out.
func helpFile(lines practice.HelpLines) []map[string]any {
	list := make([]map[string]any, len(lines))
	for i, l := range lines {
		list[i] = map[string]any{}
		for key, value := range map[string]string{"country": l.Country, "name": l.Name, "phone": l.Phone, "url": l.URL, "note": l.Note} {
			if value != "" {
				list[i][key] = value
			}
		}
	}
	return list
}

// helpInput is the input of help[3].phone.
func helpInput(path string) string {
	var i int
	var name string
	if n, err := fmt.Sscanf(path, "help[%d].%s", &i, &name); err == nil && n == 2 {
		return helpField(name, i)
	}
	if n, err := fmt.Sscanf(path, "help[%d]", &i); err == nil && n == 1 {
		return helpField("phone", i)
	}
	return ""
}
