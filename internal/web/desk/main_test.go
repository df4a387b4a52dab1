package desk_test

import (
	"os"
	"testing"

	"kintsugi/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }
