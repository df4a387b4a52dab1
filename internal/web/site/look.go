package site

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// logo is the practice's logo, which we have drawn ourselves: /logo/HASH.png.
func (s *Site) logo(c *gin.Context) error {
	hash, isPicture := strings.CutSuffix(c.Param("file"), ".png")
	if !isPicture || len(hash) != 24 || strings.Trim(hash, "0123456789abcdef") != "" {
		return fault.New(fault.NotFound, "This picture is not here.")
	}
	body, err := practice.FindLogo(c.Request.Context(), s.DB, hash)
	if err != nil {
		return err
	}
	page.Forever(c)
	c.Data(http.StatusOK, "image/png", body)
	return nil
}
