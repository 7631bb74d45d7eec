#!/bin/bash
# The server takes a key only that is its own; what is mounted keeps the owner that it has outside.
set -euo pipefail
install -o postgres -g postgres -m 600 /run/secrets/postgres_key /var/run/postgresql/server.key
exec docker-entrypoint.sh postgres \
  -c ssl=on \
  -c ssl_min_protocol_version=TLSv1.2 \
  -c ssl_cert_file=/run/secrets/postgres_certificate \
  -c ssl_key_file=/var/run/postgresql/server.key \
  -c hba_file=/etc/siku/pg_hba.conf
