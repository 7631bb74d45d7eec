"""A real PostgreSQL, a real Kafka and every service as ordinary processes of one machine."""
