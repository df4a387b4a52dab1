package api

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/web/page"
)

//go:embed openapi.json
var openAPI []byte

// document describes the interface: GET /api/v1/openapi.json.
func (a *API) document(c *gin.Context) error {
	page.Send(c, http.StatusOK, jsonType, openAPI)
	return nil
}
