"""What was accepted and turns out wrong or changed is corrected: request, review, effect (更正)."""
