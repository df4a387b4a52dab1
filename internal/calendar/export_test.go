package calendar

// CleanText and CleanLine let the fuzz test know what was meant.
var (
	CleanText = cleanText
	CleanLine = cleanLine
)
