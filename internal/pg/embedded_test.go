package pg_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kintsugi/internal/pg"
)

func TestFirstStartMakesADatabaseThatLaterStartsFindAgain(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := filepath.Join(emptyFolder(t), "given")
	began := time.Now()
	e, err := pg.StartEmbedded(ctx, pg.EmbeddedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("first start: %v", time.Since(began))
	if err := pg.Migrate(ctx, e.URL()); err != nil {
		t.Fatal(err)
	}
	db := open(t, e.URL())
	err = db.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `create table kept (word text)`)
		if err == nil {
			_, err = tx.Exec(ctx, `insert into kept (word) values ('still here')`)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pid := serverPid(t, dir)
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	if !gone(pid) {
		t.Fatal("the server outlived Stop")
	}

	began = time.Now()
	again := start(t, dir)
	t.Logf("second start: %v", time.Since(began))
	var word string
	if err := open(t, again.URL()).Get(ctx, &word, `select word from kept`); err != nil || word != "still here" {
		t.Fatalf("found %q, %v", word, err)
	}
}

func TestListensOnAPrivateSocketAlone(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	db := open(t, start(t, dir).URL())
	var settings struct {
		Listen   string `db:"listen"`
		Socket   string `db:"socket"`
		Timezone string `db:"zone"`
		Encoding string `db:"encoding"`
		Letters  string `db:"letters"`
	}
	err := db.Get(context.Background(), &settings, `
		select current_setting('listen_addresses') as listen, current_setting('unix_socket_directories') as socket,
			current_setting('timezone') as zone, current_setting('server_encoding') as encoding,
			lower('ÄÉ') as letters`)
	if err != nil {
		t.Fatal(err)
	}
	if settings.Listen != "" || settings.Timezone != "UTC" || settings.Encoding != "UTF8" || settings.Letters != "äé" {
		t.Fatalf("%+v", settings)
	}
	info, err := os.Stat(settings.Socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("socket folder: %v, %v", info.Mode(), err)
	}
}

func TestALongPathGetsAShortSocketFolder(t *testing.T) {
	t.Parallel()
	deep := filepath.Join(emptyFolder(t), strings.Repeat("long/", 30))
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(madeFolder(t), "pg"), filepath.Join(deep, "pg")); err != nil {
		t.Fatal(err)
	}
	db := open(t, start(t, deep).URL())
	var socket string
	if err := db.Get(context.Background(), &socket, `select current_setting('unix_socket_directories')`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(socket) })
	if len(socket) > 60 {
		t.Fatalf("socket folder %s", socket)
	}
}

func TestASecondInstanceOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	db := open(t, start(t, dir).URL())
	_, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "another kintsugi is running on the folder "+dir) {
		t.Fatalf("got %v", err)
	}
	if err := db.Ping(context.Background()); err != nil {
		t.Fatalf("the first one was disturbed: %v", err)
	}
}

func TestAServerThatIsKilledComesBackAndThePoolHeals(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := madeFolder(t)
	e := start(t, dir)
	db := open(t, e.URL())
	for range 2 {
		pid := serverPid(t, dir)
		// Someone is busy inside while it happens.
		busy := make(chan error, 1)
		go func() {
			busy <- db.InTx(ctx, func(tx *pg.Tx) error { _, err := tx.Exec(ctx, `select pg_sleep(8)`); return err })
		}()
		time.Sleep(100 * time.Millisecond)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		select {
		case <-e.Died():
		case <-time.After(5 * time.Second):
			t.Fatal("nobody told that the server died")
		}
		took := eventually(t, 15*time.Second, "the pool answers", func() bool {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return db.Ping(ctx) == nil
		})
		t.Logf("healed after %v", took)
		if err := <-busy; err == nil {
			t.Fatal("a transaction cut off by the kill reported success")
		} else if !pg.IsDown(err) {
			t.Errorf("not known as a database that is down: %v", err)
		}
		if now := serverPid(t, dir); now == pid {
			t.Fatal("the same process serves again")
		}
	}
}

func TestTheServerEndsWithAKilledProgramAndTheNextStartWorks(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	for range 2 {
		program, said := child(t, dir, nil)
		if !strings.HasPrefix(said, "up ") {
			t.Fatal(said)
		}
		pid := serverPid(t, dir)
		if err := program.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		e, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("up again after %v", time.Since(began))
		if !gone(pid) {
			t.Error("the server of the killed program still runs")
		}
		if err := e.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAServerLeftRunningOnOurFolderIsStopped(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	binaries, err := pg.FindBinaries()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "pg", "data")
	left := exec.Command(filepath.Join(binaries.Dir, "postgres"), "-D", data,
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+filepath.Join(dir, "pg"))
	left.SysProcAttr = asOwnerOf(t, data)
	left.Dir = "/"
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = left.Wait(); close(ended) }()
	eventually(t, 10*time.Second, "the left server is up", func() bool {
		_, err := os.Stat(filepath.Join(dir, "pg", ".s.PGSQL.5432"))
		return err == nil
	})
	db := open(t, start(t, dir).URL())
	select {
	case <-ended:
	case <-time.After(time.Second):
		t.Fatal("the left server still runs")
	}
	if err := db.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestAnotherProgramUnderTheNotedNumberIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	data := filepath.Join(dir, "pg", "data")
	other := exec.Command("sleep", "60")
	other.SysProcAttr = asOwnerOf(t, data)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	note := filepath.Join(data, "postmaster.pid")
	text := strings.Join([]string{itoa(other.Process.Pid), data, "1700000000", "5432", "/tmp", "", "  5432001    123456", "ready   ", ""}, "\n")
	if err := os.WriteFile(note, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	db := open(t, start(t, dir).URL())
	if err := db.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Fatalf("the other program was ended: %v", err)
	}
}

func TestConnectionsFromBeforeTheKillFailNobodyAfterIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := madeFolder(t)
	e := start(t, dir)
	db, err := pg.Open(ctx, e.URL(), pg.Options{Warm: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := syscall.Kill(serverPid(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-e.Died()
	eventually(t, 15*time.Second, "a new pool opens", func() bool {
		fresh, err := pg.Open(ctx, e.URL(), pg.Options{MaxOpen: 1})
		return err == nil && fresh.Close() == nil
	})
	for range 40 {
		err := db.InTx(ctx, func(tx *pg.Tx) error { _, err := tx.Exec(ctx, `select 1`); return err })
		if err != nil {
			t.Fatalf("a stale connection reached a visitor: %v", err)
		}
	}
}

func TestStopDoesNotWaitForAServerThatCannotStart(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	e, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	pid := serverPid(t, dir)
	data := filepath.Join(dir, "pg", "data")
	if err := os.Rename(data, data+".away"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-e.Died()
	time.Sleep(300 * time.Millisecond)
	began := time.Now()
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	if err := os.Rename(data+".away", data); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
}
