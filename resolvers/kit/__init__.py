"""What no resolver may forget: the caller, checked input, transaction, audit, event, idempotency."""
