package floors

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Room is one package with what its files import.
type Room struct {
	Name        string
	Imports     []string // import paths of the ordinary files
	TestImports []string // import paths of the test files
	OnlyTests   bool     // there is no ordinary file: nobody can import it
}

// ReadHouse reads the import lines of every Go file below root, and finds the
// rooms in it, ordered by name. It looks at each file, whatever operating
// system it is for, and needs nothing to compile.
func ReadHouse(root fs.FS) ([]Room, error) {
	rooms := map[string]*Room{}
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipFolder(file)
		}
		if path.Ext(file) != ".go" {
			return nil
		}
		imports, err := importsOf(root, file)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path.Dir(file), "internal/")
		room := rooms[name]
		if room == nil {
			room = &Room{Name: name, OnlyTests: true}
			rooms[name] = room
		}
		if strings.HasSuffix(file, "_test.go") {
			room.TestImports = append(room.TestImports, imports...)
		} else {
			room.Imports = append(room.Imports, imports...)
			room.OnlyTests = false
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var house []Room
	for _, room := range rooms {
		slices.Sort(room.Imports)
		slices.Sort(room.TestImports)
		room.Imports = slices.Compact(room.Imports)
		room.TestImports = slices.Compact(room.TestImports)
		house = append(house, *room)
	}
	slices.SortFunc(house, func(a, b Room) int { return strings.Compare(a.Name, b.Name) })
	return house, nil
}

// skipFolder leaves out the folders that the go command leaves out.
func skipFolder(folder string) error {
	base := path.Base(folder)
	if base == "testdata" || base == "node_modules" || folder != "." && strings.ContainsAny(base[:1], "._") {
		return fs.SkipDir
	}
	return nil
}

// importsOf reads the import paths of one file.
func importsOf(root fs.FS, file string) ([]string, error) {
	source, err := fs.ReadFile(root, file)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		imports = append(imports, imported)
	}
	return imports, nil
}
