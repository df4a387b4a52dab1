package engagement

// SealedColumn is a column in which sealed words lie. Each room says which ones
// are its own, so that the words can be sealed again under a new key.
type SealedColumn struct {
	Table, Column string
	Row           string // expression over the table: the Row of the place it was sealed at
	Lane          string // expression over the table: the lane it was sealed in
}
