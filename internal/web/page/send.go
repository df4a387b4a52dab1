package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// worthwhile is the length below which compressing a body gains nothing: it
// fits into one packet anyway.
const worthwhile = 1400

// Send writes a body once, compressed at the fastest level when the reader
// accepts that and the body is long enough. It is for bodies without secrets.
func Send(c *gin.Context, status int, contentType string, body []byte) {
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	if len(body) < worthwhile || !acceptsGzip(c.GetHeader("Accept-Encoding")) {
		write(c, status, contentType, body)
		return
	}
	buffer := buffers.Get().(*bytes.Buffer)
	defer giveBack(buffer)
	buffer.Reset()
	packer := packers.Get().(*gzip.Writer)
	defer packers.Put(packer)
	packer.Reset(buffer)
	// Writing into memory does not fail.
	_, _ = packer.Write(body)
	_ = packer.Close()
	c.Header("Content-Encoding", "gzip")
	write(c, status, contentType, buffer.Bytes())
}

// packers are reused between answers: making one costs more than using it.
var packers = sync.Pool{New: func() any {
	packer, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a valid one
	return packer
}}

// write sends the head and the body of an answer. The connection may be gone
// by now; then there is nobody left to tell.
func write(c *gin.Context, status int, contentType string, body []byte) {
	c.Header("Content-Type", contentType)
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Status(status)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(body)
	}
}

// acceptsGzip reads an Accept-Encoding header. A q of nought means no.
func acceptsGzip(header string) bool {
	for offer := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(offer, ";")
		coding = strings.TrimSpace(coding)
		if !strings.EqualFold(coding, "gzip") && coding != "*" {
			continue
		}
		weight = strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		if q, err := strconv.ParseFloat(weight, 64); err == nil && q == 0 {
			return false
		}
		return true
	}
	return false
}
