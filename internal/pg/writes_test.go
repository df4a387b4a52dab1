package pg_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// lib/pq runs an INSERT outside a transaction a second time when its connection
// closes before the reply. So no source outside this room writes through
// anything but a *pg.Tx, and nobody else opens a pool of database/sql.
func TestNobodyWritesOutsideATransaction(t *testing.T) {
	t.Parallel()
	files := 0
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if path == root {
					return nil // There is no such part of the product yet.
				}
				return err
			}
			if d.IsDir() && filepath.Clean(path) == filepath.Clean("../../internal/pg") || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			files++
			for _, complaint := range strayWrites(t, path, nil) {
				t.Error(complaint)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files == 0 {
		t.Fatal("no source was found")
	}
}

// The test above must be able to fail: each line with a mark is found, and no
// other.
func TestTheSearchForWritesFindsThem(t *testing.T) {
	t.Parallel()
	const source = `package room

import (
	"context"
	"database/sql"
	"kintsugi/internal/pg"
)

const insertOne = "insert into one (n) values (1) returning n"
const readOne = "select n from one"

func write(ctx context.Context, q pg.Conn, tx *pg.Tx, db *pg.DB, s service) {
	var n int
	q.Get(ctx, &n, "insert into one (n) values (1) returning n")            // found
	q.Get(ctx, &n, "\n\t-- why\n\tINSERT INTO one (n) values (1) returning n") // found
	q.Select(ctx, &n, insertOne)                                            // found
	grown := "insert into one (n) values (1)"
	for range 99 {
		grown = grown + grown
	}
	q.Get(ctx, &n, grown) // found
	db.Get(ctx, &n, "with gone as (delete from one returning n) select n from gone") // found
	s.db.Select(ctx, &n, "update one set n = 2 " + "returning n")           // found
	s.db.Select(ctx, &n, "update only one as o set n = 2 returning n")      // found
	tx.Get(ctx, &n, insertOne)
	tx.Get(ctx, &n, "update one set n = 2 returning n")
	q.Get(ctx, &n, readOne)
	q.Get(ctx, &n, "select n from one where word = 'delete' for update")
	s.cache.Get("insert into the cache")
	db.InTx(ctx, func(t *pg.Tx) error {
		return t.Get(ctx, &n, insertOne)
	})
	func(tx pg.Conn) {
		tx.Get(ctx, &n, insertOne) // found
	}(q)
	s.pool.ExecContext(ctx, "anything") // found
	sql.Open("postgres", "somewhere")   // found
}
`
	var want []int
	for i, line := range strings.Split(source, "\n") {
		if strings.HasSuffix(line, "// found") {
			want = append(want, i+1)
		}
	}
	var got []int
	for _, complaint := range strayWrites(t, "fixture.go", source) {
		number, err := strconv.Atoi(strings.Split(complaint, ":")[1])
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, number)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("found lines %v, want %v", got, want)
	}
}

// writing matches SQL that changes rows, wherever in the statement.
var writing = regexp.MustCompile(`(?is)\b(insert\s+into|delete\s+from|merge\s+into|truncate|update\s+(only\s+)?[\w."]+\s+(as\s+\w+\s+|\w+\s+)?set)\b`)

// strayWrites gives a complaint, "file:line: …", for each write in a source that
// is not stated inside a transaction.
func strayWrites(t *testing.T, path string, source any) []string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var complaints []string
	complain := func(at token.Pos, what string) {
		p := set.Position(at)
		complaints = append(complaints, p.Filename+":"+strconv.Itoa(p.Line)+": "+what)
	}
	texts := constants(file)
	var walk func(n ast.Node, held map[string]bool)
	walk = func(n ast.Node, held map[string]bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body != nil {
					walk(n.Body, with(held, n.Type))
				}
				return false
			case *ast.FuncLit:
				walk(n.Body, with(held, n.Type))
				return false
			case *ast.CallExpr:
				method, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				switch method.Sel.Name {
				case "ExecContext", "MustExec", "MustExecContext", "NamedExec", "NamedExecContext":
					complain(n.Pos(), "a write outside *pg.Tx")
				case "Open", "OpenDB":
					if of, ok := method.X.(*ast.Ident); ok && of.Name == "sql" {
						complain(n.Pos(), "a pool that pg knows nothing of")
					}
				case "Get", "Select":
					receiver, ok := method.X.(*ast.Ident)
					if len(n.Args) < 3 || ok && held[receiver.Name] {
						return true
					}
					if writing.MatchString(text(n.Args[2], texts)) {
						complain(n.Pos(), "a write through something that is not a *pg.Tx")
					}
				}
			}
			return true
		})
	}
	walk(file, nil)
	return complaints
}

// with adds the parameters of a function to the names that hold a transaction;
// a parameter of another type hides an outer one of its name.
func with(held map[string]bool, f *ast.FuncType) map[string]bool {
	inner := map[string]bool{}
	for name, is := range held {
		inner[name] = is
	}
	for _, field := range f.Params.List {
		star, ok := field.Type.(*ast.StarExpr)
		is := false
		if ok {
			sel, ok := star.X.(*ast.SelectorExpr)
			is = ok && sel.Sel.Name == "Tx"
		}
		for _, name := range field.Names {
			inner[name.Name] = is
		}
	}
	return inner
}

// constants are the texts that a file names. A name stands for every text it is
// given anywhere, but not for what other names stand for: expanding those would
// never end for a text that grows in a loop.
func constants(file *ast.File) map[string]string {
	found := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for i, value := range spec.Values {
				if i < len(spec.Names) {
					found[spec.Names[i].Name] += " " + text(value, nil)
				}
			}
		}
		if set, ok := n.(*ast.AssignStmt); ok && len(set.Lhs) == len(set.Rhs) {
			for i, value := range set.Rhs {
				if name, ok := set.Lhs[i].(*ast.Ident); ok {
					found[name.Name] += " " + text(value, nil)
				}
			}
		}
		return true
	})
	return found
}

// text gives what is known of an expression's text.
func text(e ast.Expr, named map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil {
			return s
		}
	case *ast.Ident:
		return named[e.Name]
	case *ast.ParenExpr:
		return text(e.X, named)
	case *ast.BinaryExpr:
		return text(e.X, named) + text(e.Y, named)
	case *ast.CallExpr: // fmt.Sprintf and its like
		var all strings.Builder
		for _, arg := range e.Args {
			all.WriteString(text(arg, named) + " ")
		}
		return all.String()
	}
	return ""
}
