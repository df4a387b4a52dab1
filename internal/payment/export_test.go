package payment

// What is decided inside and is worth a test of its own.
var (
	ToStripe   = toStripe
	FromStripe = fromStripe
	Descriptor = descriptor
)
