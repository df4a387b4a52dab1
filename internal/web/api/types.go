package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/practice"
)

// typeJSON is an appointment type as programs see it.
type typeJSON struct {
	Slug            string   `json:"slug"`
	Name            string   `json:"name"`
	DurationMinutes int      `json:"duration_minutes"`
	Coaches         []string `json:"coaches"`
}

// types lists what can be booked without an account: GET /api/v1/appointment-types.
func (a *API) types(c *gin.Context) error {
	found, err := practice.PublicTypes(c.Request.Context(), a.DB)
	if err != nil {
		return err
	}
	out := make([]typeJSON, len(found))
	for i, t := range found {
		out[i] = typeJSON{Slug: t.Slug, Name: t.Name, DurationMinutes: t.DurationMinutes}
		for _, coach := range t.Coaches {
			out[i].Coaches = append(out[i].Coaches, coach.Slug)
		}
	}
	return answer(c, http.StatusOK, map[string][]typeJSON{"appointment_types": out})
}
